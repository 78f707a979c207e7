using HarborClient.Benchmarks.Clients;
using HarborClient.Benchmarks.Micro;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A client in Full whose memory keeps nothing, so that each of its calls is answered by the level below. Its questions are asked once before anything is measured.</summary>
internal sealed class BelowClient : IAsyncDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly InMemoryClient _memory;
    private readonly ChatMessage[][] _questions;
    private readonly HarborChatOptions _options = LongQuestion.Options(PerformanceMode.Full);
    private readonly CacheLevel _level;
    private int _calls;
    private int _misses;

    private BelowClient(CacheLevel level, int questions, Action<HarborBuilder> configure)
    {
        _level = level;
        _questions = [.. Enumerable.Range(0, questions).Select(LongQuestion.Messages)];
        _memory = InMemoryClient.Stream(Dialect.OpenAI, StreamKind.Text, h =>
        {
            h.UseMemoryCache(memory => memory.SizeLimitBytes = 0);
            configure(h);
        });
    }

    /// <summary>In percent of the calls: a read that took longer than its budget.</summary>
    internal double Missed => 100.0 * _misses / _calls;

    /// <param name="level">Where its answers come from.</param>
    /// <param name="questions">How many different ones it asks, in turns.</param>
    /// <param name="configure">Adds the level.</param>
    internal static async Task<BelowClient> CreateAsync(CacheLevel level, int questions, Action<HarborBuilder> configure)
    {
        var client = new BelowClient(level, questions, configure);
        foreach (ChatMessage[] question in client._questions) await client._memory.Client.GetResponseAsync(question, client._options);
        await Written.WaitAsync(client._memory.Client, Guard);
        return client;
    }

    internal async Task<long> CallAsync(int seed)
    {
        ChatResponse answer = await _memory.Client.GetResponseAsync(_questions[seed % _questions.Length], _options);
        _calls++;
        if (answer.GetHarborInfo().CacheLevel != _level) _misses++;
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _memory.Client.DisposeAsync();
        _memory.Dispose();
    }
}
