namespace HarborClient.Costs;

/// <summary>What is done when an hour is over, away from the calls: it is noticed as the first call of a later one ends. One round at a time. Thread-safe.</summary>
internal sealed class LedgerRounds(DayReports days, UnusualSpend? unusual, TimeProvider time, CancellationToken shutdown) : IAsyncDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Guarded by _gate; the first is read without it.
    private long _nextHourTicks = NextHour(time.GetUtcNow());
    private Task _round = Task.CompletedTask;

    // Hot path: one comparison.
    internal void Observe(DateTimeOffset now)
    {
        if (now.UtcTicks >= Volatile.Read(ref _nextHourTicks)) Begin(now);
    }

    /// <summary>Waits for the round that is under way, which the client's token has cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (_gate) last = _round;
        await last.WaitAsync(LongestStop, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Begin(DateTimeOffset now)
    {
        lock (_gate)
        {
            long ended = (_nextHourTicks / TimeSpan.TicksPerHour) - 1;
            if (now.UtcTicks < _nextHourTicks || shutdown.IsCancellationRequested) return;
            Volatile.Write(ref _nextHourTicks, NextHour(now));
            if (unusual is null && !days.IsWanted) return;
            _round = RunAsync(_round, ended, now);
        }
    }

    /// <summary>The hour that ended is the last in which there were calls; there may have been none for long.</summary>
    private async Task RunAsync(Task before, long ended, DateTimeOffset now)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (unusual is not null) await unusual.CheckAsync(ended, shutdown).ConfigureAwait(false);
        var day = DateOnly.FromDateTime(new DateTime(ended * TimeSpan.TicksPerHour, DateTimeKind.Utc));
        if (day < DateOnly.FromDateTime(now.UtcDateTime)) await days.ReportAsync(day, shutdown).ConfigureAwait(false);
    }

    private static long NextHour(DateTimeOffset now) => ((now.UtcTicks / TimeSpan.TicksPerHour) + 1) * TimeSpan.TicksPerHour;
}
