using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Micro;

/// <summary>Server-sent events read in memory: 200 updates of each kind, over moving the same bytes.</summary>
public class StreamReading
{
    private byte[] _body = null!;
    private InMemoryClient _memory = null!;

    /// <summary>OpenAI or Claude.</summary>
    [Params("OpenAI", "Claude")]
    public string Provider { get; set; } = "";

    /// <summary>Text, Tools or Reasoning.</summary>
    [Params("Text", "Tools", "Reasoning")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        Dialect dialect = Dialect.Of(Provider);
        _body = Requests.Body(dialect, isStream: true);
        _memory = InMemoryClient.Stream(dialect, Enum.Parse<StreamKind>(Kind));
    }

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

    /// <summary>A plain call in Full, which has it streamed by the provider.</summary>
    [Benchmark]
    public Task<ChatResponse> Folded() => _memory.Client.GetResponseAsync(Requests.Question(1), Requests.Options(PerformanceMode.Full));
}
