namespace HarborClient.Benchmarks.Cache;

/// <summary>One client in Full that asks the questions of a trace, one after the other, of a provider that counts them.</summary>
internal sealed class Asker : IAsyncDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private const int MostTries = 100;

    private readonly CountingProvider _provider = new();
    private readonly FastClient _client;
    private readonly HarborChatOptions _options = new() { Temperature = 0, Mode = PerformanceMode.Full };
    private long _failedBefore;

    /// <param name="memoryBytes">How large its memory cache is.</param>
    /// <param name="configure">Adds levels.</param>
    internal Asker(long memoryBytes, Action<HarborBuilder>? configure = null) => _client = FastClient.Create(h =>
    {
        h.AddOpenAI("key", o => o.UseHandler(_provider)).UseDefaultModel("openai/gpt-4o-mini").UseMemoryCache(memory => memory.SizeLimitBytes = memoryBytes);
        configure?.Invoke(h);
    });

    internal AskerFigures Figures
    {
        get
        {
            CacheStatistics statistics = _client.Cache.Statistics;
            return new AskerFigures(_provider.Asked, statistics.MemoryHits, statistics.DistributedHits, statistics.Levels.Sum(level => level.Failures) - _failedBefore, statistics.Dropped);
        }
    }

    /// <summary>Looks for what nobody has asked, which asks nobody, until the level below has answered: a connection opens behind the first calls, which do not wait for it.</summary>
    internal async Task ConnectAsync()
    {
        var onlyKept = new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Full, Cache = CachePolicy.Only };
        for (int tries = 0; _client.Cache.Statistics.Levels.Any(level => level.Misses == 0); tries++)
        {
            if (tries == MostTries) throw new InvalidOperationException("The level below did not answer.");
            try
            {
                await _client.GetResponseAsync("Is anybody there?", onlyKept);
            }
            catch (HarborException e) when (e.Kind == ErrorKind.NotCached)
            {
                // Not kept, as it should be.
            }
        }

        _failedBefore = _client.Cache.Statistics.Levels.Sum(level => level.Failures);
    }

    /// <summary>What the memory cache reckons an answer of the trace at.</summary>
    internal static async Task<long> AnswerBytesAsync()
    {
        await using var asker = new Asker(1 << 20);
        await asker.AskAsync(Enumerable.Range(0, 100));
        CacheStatistics statistics = asker._client.Cache.Statistics;
        return statistics.Bytes / statistics.Entries;
    }

    /// <summary>Asks, and returns when all that was kept is written.</summary>
    /// <exception cref="InvalidOperationException">An answer was that of another question.</exception>
    internal async Task AskAsync(IEnumerable<int> questions)
    {
        foreach (int question in questions)
        {
            ChatResponse answer = await _client.GetResponseAsync(CountingProvider.Question(question), _options);
            if (!answer.Text.StartsWith(CountingProvider.Answer(question), StringComparison.Ordinal)) throw new InvalidOperationException($"Question {question} was answered as another one.");
        }

        await Written.WaitAsync(_client, Guard);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _provider.Dispose();
    }
}
