using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Micro;

/// <summary>A 600-byte question and a 1 KB answer in memory, over moving the same bytes. Full has its answers streamed: <see cref="StreamReading.Folded"/>.</summary>
public class AnswerReading
{
    private byte[] _body = null!;
    private InMemoryClient _memory = null!;

    /// <summary>OpenAI or Claude.</summary>
    [Params("OpenAI", "Claude")]
    public string Provider { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        Dialect dialect = Dialect.Of(Provider);
        _body = Requests.Body(dialect, isStream: false);
        _memory = InMemoryClient.Plain(dialect);
    }

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
