using HarborClient.Errors;
using Microsoft.Extensions.Logging;

namespace HarborClient.Caching;

/// <summary>The scheduled refreshes of a client. Thread-safe.</summary>
internal sealed class RefreshSchedules(TimeProvider time, ILogger logger)
{
    private const int Most = 1_000;

    /// <summary>The client has cancelled their calls by then; a function that does not heed its token cannot hold up the disposal for longer.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<CacheSchedule> _schedules = [];
    private bool _isStopped;

    internal IReadOnlyList<CacheSchedule> All
    {
        get
        {
            lock (_gate) return [.. _schedules];
        }
    }

    internal CacheSchedule Add(string name, TimeSpan every, Func<Task> run)
    {
        lock (_gate)
        {
            if (_isStopped) ErrorFactory.ThrowDisposed();
            if (_schedules.Count == Most) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, FormattableString.Invariant($"There are {Most:N0} scheduled refreshes already, and no more are taken. Dispose those that are not needed, or refresh several things in one function."));
            var schedule = new CacheSchedule(name, every, run, Remove, time, logger);
            _schedules.Add(schedule);
            schedule.Start();
            return schedule;
        }
    }

    /// <summary>No further run begins, and no further schedule.</summary>
    internal void Stop()
    {
        lock (_gate) _isStopped = true;
        foreach (CacheSchedule schedule in All) schedule.Stop();
    }

    internal Task StopAllAsync()
    {
        IReadOnlyList<CacheSchedule> all = All;
        foreach (CacheSchedule schedule in all) schedule.Stop();
        return Task.WhenAll(all.Select(schedule => schedule.End));
    }

    /// <summary>Waits until nothing of them runs any more, for a second at most.</summary>
    internal async Task EndAsync()
    {
        Task end = StopAllAsync();
        if (!end.IsCompleted) await end.WaitAsync(LongestStop, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Remove(CacheSchedule schedule)
    {
        lock (_gate) _schedules.Remove(schedule);
    }
}
