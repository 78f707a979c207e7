using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Micro;

/// <summary>An agent's request (32 messages, 20 tools, 100 KB) written and sent in memory, over sending its prebuilt bytes.</summary>
public class RequestWriting
{
    private InMemoryClient _memory = null!;
    private byte[] _body = null!;

    /// <summary>OpenAI or Claude.</summary>
    [Params("OpenAI", "Claude")]
    public string Provider { get; set; } = "";

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        Dialect dialect = Dialect.Of(Provider);
        _memory = InMemoryClient.Plain(dialect);
        _body = await CapturedBody.OfAsync(dialect, Requests.Agent(1), Requests.AgentOptions(1));
    }

    [GlobalCleanup]
    public void CleanUp() => _memory.Dispose();

    [Benchmark(Baseline = true)]
    public Task Prebuilt() => _memory.BareAsync(_body);

    [Benchmark]
    public Task<ChatResponse> Written()
    {
        HarborChatOptions options = Requests.AgentOptions(1);
        options.Mode = PerformanceMode.Fast;
        return _memory.Client.GetResponseAsync(Requests.Agent(1), options);
    }
}
