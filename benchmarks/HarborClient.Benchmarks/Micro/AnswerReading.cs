using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Micro;

/// <summary>A 600-byte question and a 1 KB answer in memory, over moving the same bytes.</summary>
public class AnswerReading
{
    private readonly byte[] _body = Requests.Body(Dialect.OpenAI, isStream: false);
    private InMemoryClient _memory = null!;

    [GlobalSetup]
    public void SetUp() => _memory = InMemoryClient.Plain();

    [GlobalCleanup]
    public void CleanUp() => _memory.Dispose();

    [Benchmark(Baseline = true)]
    public Task Bare() => _memory.BareAsync(_body);

    [Benchmark]
    public Task<ChatResponse> Fast() => AskAsync(PerformanceMode.Fast);

    [Benchmark]
    public Task<ChatResponse> Balanced() => AskAsync(PerformanceMode.Balanced);

    private Task<ChatResponse> AskAsync(PerformanceMode mode)
    {
        HarborChatOptions options = Requests.Options(1);
        options.Mode = mode;
        return _memory.Client.GetResponseAsync(Requests.Question(1), options);
    }
}
