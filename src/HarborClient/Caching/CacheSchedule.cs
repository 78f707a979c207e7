using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>A request that is asked anew again and again (<see cref="ResponseCache.ScheduleRefresh(CacheRequest, string, CallPriority)"/>). Thread-safe.</summary>
public sealed class CacheSchedule : IAsyncDisposable
{
    private readonly Func<Task> _run;
    private readonly Action<CacheSchedule> _ended;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();

    // Written by the loop only.
    private volatile CacheScheduleStatus _status = new();

    internal CacheSchedule(string name, TimeSpan every, Func<Task> run, Action<CacheSchedule> ended, TimeProvider time, ILogger logger) =>
        (Name, Every, _run, _ended, _time, _logger) = (name, every, run, ended, time, logger);

    /// <summary>That of its request.</summary>
    public string Name { get; }

    /// <summary>The interval, from the beginning of a run to that of the next.</summary>
    public TimeSpan Every { get; }

    /// <summary>What it has done, and does next.</summary>
    /// <value>A snapshot.</value>
    public CacheScheduleStatus Status => _status;

    /// <summary>Completes when nothing of it runs any more.</summary>
    internal Task End { get; private set; } = Task.CompletedTask;

    /// <summary>Ends it. A run that is under way goes on to its end. Idempotent.</summary>
    /// <returns>A task that completes when nothing of it runs any more.</returns>
    public ValueTask DisposeAsync()
    {
        Stop();
        return new ValueTask(End);
    }

    /// <summary>Called once.</summary>
    internal void Start()
    {
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        End = RunAsync();
    }

    /// <summary>No further run begins.</summary>
    internal void Stop() => _stop.Cancel();

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!_stop.IsCancellationRequested)
        {
            long startedAt = _time.GetTimestamp();
            await RunOnceAsync().ConfigureAwait(false);

            // Counted from the beginning of this run; what it has missed is skipped.
            TimeSpan wait = Every - TimeSpan.FromTicks(_time.GetElapsedTime(startedAt).Ticks % Every.Ticks);
            if (_stop.IsCancellationRequested) break;
            _status = _status with { NextRun = _time.GetUtcNow() + wait };
            await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _status = _status with { NextRun = null };
        _ended(this);
    }

    private async Task RunOnceAsync()
    {
        _status = _status with { IsRunning = true, LastRun = _time.GetUtcNow(), NextRun = null };
        Exception? error = null;
        try
        {
            await _run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What the end of the client does to a run is no failure.
            error = e is ObjectDisposedException && _stop.IsCancellationRequested ? null : e;
            if (error is not null) Log.ScheduledRefreshFailed(_logger, Name, Every, e);
        }

        _status = _status with { IsRunning = false, Runs = _status.Runs + 1, Failures = _status.Failures + (error is null ? 0 : 1), LastError = error };
    }
}
