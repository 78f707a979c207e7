using HarborClient.Benchmarks.Quick;

namespace HarborClient.Benchmarks.Cache;

/// <summary>A client in Full whose memory keeps nothing, so that each of its calls is answered by the level below. Its questions are asked once before anything is measured.</summary>
internal sealed class BelowClient : IAsyncDisposable
{
    private const double MostMissed = 1;
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly FixedHandler _provider;
    private readonly FastClient _client;
    private readonly ChatMessage[][] _questions;
    private readonly HarborChatOptions _options = LongQuestion.Options(PerformanceMode.Full);
    private readonly CacheLevel _level;
    private int _calls;
    private int _misses;

    private BelowClient(CacheLevel level, KeptText answer, int questions, Action<HarborBuilder> configure)
    {
        _level = level;
        _questions = [.. Enumerable.Range(0, questions).Select(LongQuestion.Messages)];
        _provider = new FixedHandler(answer.Events, "text/event-stream");
        _client = FastClient.Create(h =>
        {
            h.AddOpenAI("key", o => o.UseHandler(_provider)).UseDefaultModel("openai/gpt-4o-mini").UseMemoryCache(memory => memory.SizeLimitBytes = 0);
            configure(h);
        });
    }

    /// <summary>In percent of the calls: a read that took longer than its budget.</summary>
    internal double Missed => 100.0 * _misses / _calls;

    /// <summary>Whether what was measured is hits: on a busy machine the level may have been left alone for a while.</summary>
    internal bool IsMeasured => Missed < MostMissed;

    /// <param name="level">Where its answers come from.</param>
    /// <param name="answer">What it is answered.</param>
    /// <param name="questions">How many different ones it asks, in turns.</param>
    /// <param name="configure">Adds the level.</param>
    internal static async Task<BelowClient> CreateAsync(CacheLevel level, KeptText answer, int questions, Action<HarborBuilder> configure)
    {
        var client = new BelowClient(level, answer, questions, configure);
        foreach (ChatMessage[] question in client._questions) await client._client.GetResponseAsync(question, client._options);
        await Written.WaitAsync(client._client, Guard);
        return client;
    }

    internal async Task<long> CallAsync(int seed)
    {
        ChatResponse answer = await _client.GetResponseAsync(_questions[seed % _questions.Length], _options);
        _calls++;
        if (answer.GetHarborInfo().CacheLevel != _level) _misses++;
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _provider.Dispose();
    }
}
