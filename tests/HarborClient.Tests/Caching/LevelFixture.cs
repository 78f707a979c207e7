using HarborClient.Caching;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// A guarded level on a clock of its own. A test disposes it where it likes, and at its end.
internal sealed class LevelFixture
{
    public const int Failed = 70;
    public const int IsBack = 71;
    public const int TakesNoWrites = 72;
    public const int TakesWrites = 73;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    public LevelFixture() => Guarded = new GuardedLevel(Level, Time, Logs);

    public ManualTimeProvider Time { get; } = new();

    public ScriptedLevel Level { get; } = new();

    public RecordedLogs Logs { get; } = new();

    public GuardedLevel Guarded { get; }

    public CacheItem Item(string text = "fine", params string[] tags) =>
        new(System.Text.Encoding.UTF8.GetBytes(text), Time.GetUtcNow(), Time.GetUtcNow() + TimeSpan.FromHours(1), tags);

    // Reads while time passes, and says how long it took.
    public async Task<(CacheItem? Item, TimeSpan Took)> ReadAsync(string key = "key")
    {
        long start = Time.GetTimestamp();
        ValueTask<CacheItem?> read = Guarded.GetAsync(key);
        if (!read.IsCompleted)
        {
            Task<CacheItem?> pending = read.AsTask();
            while (!pending.IsCompleted && Time.PendingTimers > 0) Time.Advance(Step);
            return (await pending.Guarded(), Time.GetElapsedTime(start));
        }

        return (await read, Time.GetElapsedTime(start));
    }

    public async Task FailUntilLeftAloneAsync()
    {
        for (int i = 0; i < LevelBreaker.Failures; i++)
        {
            await ReadAsync();
            Time.Advance(Step);
        }

        Guarded.Statistics.IsAsked.Should().BeFalse();
    }

    // Until the level's writer has done what it is about to do on other threads.
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!isSo())
        {
            guard.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => Guarded.DisposeAsync();
}
