using BenchmarkDotNet.Attributes;
using HarborClient.Benchmarks.Cache;
using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Micro;

/// <summary>An answer that is kept in memory, to a prompt of 3 KB that is there already: the whole call, from the caller's options to its response.</summary>
public class KeptAnswer
{
    private readonly ChatMessage[] _messages = LongQuestion.Messages(0);
    private readonly HarborChatOptions _options = LongQuestion.Options(PerformanceMode.Balanced);
    private InMemoryClient _clients = null!;

    [GlobalSetup]
    public async Task SetUp()
    {
        _clients = InMemoryClient.Plain(Dialect.OpenAI);
        await _clients.Client.GetResponseAsync(_messages, _options);
        if ((await Hit()).GetHarborInfo().CacheLevel != CacheLevel.Memory) throw new InvalidOperationException("The answer was not kept.");
    }

    [GlobalCleanup]
    public void CleanUp() => _clients.Dispose();

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Hit() => _clients.Client.GetResponseAsync(_messages, _options);
}
