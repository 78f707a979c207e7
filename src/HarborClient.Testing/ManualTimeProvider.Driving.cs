namespace HarborClient.Testing;

// Driving code under test without knowing its timers.
public sealed partial class ManualTimeProvider
{
    /// <summary>Timers further away than this are deadlines more often than waits: before time jumps so far, code on other threads gets longer to set a nearer one.</summary>
    private static readonly TimeSpan NearDue = TimeSpan.FromSeconds(1);

    // Of real time. A thread that works on without looking at the clock may be put aside for a time slice, but hardly for longer.
    private static readonly TimeSpan RestBeforeFarDue = TimeSpan.FromMilliseconds(20);

    private const int RoundsBeforeDue = 5;

    /// <summary>Advances from one due timer to the next until the task has ended, whichever way: its exception is not thrown here.</summary>
    /// <param name="task">What waits for time to pass.</param>
    /// <param name="atMost">How much time may pass. Default 1 h.</param>
    /// <returns>Ends when the task has ended.</returns>
    /// <remarks>
    /// Between two steps it lets the thread pool come to rest, so that code which continues there can set its timers first. Time never passes a due timer, so
    /// it stands exactly at the one that ended the task. For calls whose waits a test does not want to name; where it does, <see cref="TimerSet"/> is exact.
    /// </remarks>
    /// <exception cref="TimeoutException">The task has not ended after <paramref name="atMost"/>, or no timer is left and nothing happened for 10 s of real time.</exception>
    public async Task AdvanceUntil(Task task, TimeSpan? atMost = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        TimeSpan limit = atMost ?? TimeSpan.FromHours(1);
        TimeSpan end;
        lock (_gate)
        {
            end = _elapsed + limit;
        }

        while (true)
        {
            TimeSpan? wait = await RestAsync(task).ConfigureAwait(false);
            if (task.IsCompleted) return;
            if (wait is null)
            {
                await SomethingHappenedAsync(task).ConfigureAwait(false);
                continue;
            }

            lock (_gate)
            {
                if (_elapsed + wait > end) throw new TimeoutException($"The task has not ended within {limit} of this clock.");
            }

            Advance(wait.Value);
        }
    }

    // Until nobody has used this clock for some rounds of the thread pool, and for a while of real time where the next timer is far away. Returns how far the first one is away; null when there is none.
    private async Task<TimeSpan?> RestAsync(Task task)
    {
        TimeSpan? first = null;
        long seen = -1;
        int quiet = 0;
        long since = 0;
        while (!task.IsCompleted)
        {
            lock (_gate)
            {
                if (_uses != seen) (quiet, since) = (0, System.GetTimestamp());
                seen = _uses;
                first = _armed.Min is { } timer ? timer.DueAt - _elapsed : null;
            }

            bool isNear = first <= NearDue;
            if (quiet++ >= RoundsBeforeDue && (isNear || System.GetElapsedTime(since) >= RestBeforeFarDue)) break;
            await Task.Factory.StartNew(
                static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default).ConfigureAwait(false);
        }

        return first;
    }

    private async Task SomethingHappenedAsync(Task task)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_armed.Count > 0) return;
            _waiters.Add((null, signal));
        }

        try
        {
            await Task.WhenAny(task, signal.Task).WaitAsync(SignalGuard).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The task waits for no timer of this clock, and has not ended within {SignalGuard.TotalSeconds:0} s.", exception);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove((null, signal));
            }
        }
    }
}
