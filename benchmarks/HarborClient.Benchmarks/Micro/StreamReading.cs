using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Micro;

/// <summary>Server-sent events read in memory: 200 updates of each kind, over moving the same bytes.</summary>
public class StreamReading
{
    private readonly byte[] _body = Requests.Body(Dialect.OpenAI, isStream: true);
    private InMemoryClient _memory = null!;

    /// <summary>Text, Tools or Reasoning.</summary>
    [Params("Text", "Tools", "Reasoning")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void SetUp() => _memory = InMemoryClient.Stream(Enum.Parse<StreamKind>(Kind));

    [GlobalCleanup]
    public void CleanUp() => _memory.Dispose();

    [Benchmark(Baseline = true)]
    public Task Bare() => _memory.BareAsync(_body);

    [Benchmark]
    public async Task<int> Updates()
    {
        int count = 0;
        await foreach (ChatResponseUpdate _ in _memory.Client.GetStreamingResponseAsync(Requests.Question(1), new HarborChatOptions { Mode = PerformanceMode.Fast, Temperature = 0 })) count++;
        return count;
    }

    [Benchmark]
    public async Task<int> Text()
    {
        int count = 0;
        await foreach (string _ in _memory.Client.StreamTextAsync(Requests.Question(1), new HarborChatOptions { Mode = PerformanceMode.Fast, Temperature = 0 })) count++;
        return count;
    }
}
