using System.Globalization;

namespace HarborClient.Testing.Engine;

// Every attempt of an emulator, and the tasks of those who wait for one.
internal sealed class AttemptLog(TimeProvider time)
{
    private static readonly TimeSpan SignalGuard = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    // All below are guarded by _gate.
    private readonly List<EmulatedAttempt> _attempts = [];
    private readonly List<Signals> _signals = [];
    private int _inFlight;
    private int _peakInFlight;

    public IReadOnlyList<EmulatedAttempt> Snapshot()
    {
        lock (_gate)
        {
            return [.. _attempts];
        }
    }

    public (int Now, int Peak) InFlight()
    {
        lock (_gate)
        {
            return (_inFlight, _peakInFlight);
        }
    }

    public EmulatedAttempt Add(RequestHead head)
    {
        lock (_gate)
        {
            var attempt = new EmulatedAttempt(_attempts.Count + 1, time.GetUtcNow(), head);
            _attempts.Add(attempt);
            _inFlight++;
            _peakInFlight = Math.Max(_peakInFlight, _inFlight);
            return attempt;
        }
    }

    public void MarkReceived(EmulatedAttempt attempt) => SignalsOf(attempt.Number).Received.TrySetResult();

    public void MarkBodyRead(EmulatedAttempt attempt) => SignalsOf(attempt.Number).BodyRead.TrySetResult();

    public void End(EmulatedAttempt attempt, AttemptOutcome outcome)
    {
        if (!attempt.TryEnd(outcome, time.GetUtcNow())) return;
        lock (_gate)
        {
            _inFlight--;
        }

        // A client may leave before its body was read: it did arrive.
        MarkReceived(attempt);
        SignalsOf(attempt.Number).Ended.TrySetResult();
    }

    public Task Received(int number) => Guard(number, SignalsOf(number).Received, "arrive");

    public Task BodyRead(int number) => Guard(number, SignalsOf(number).BodyRead, "have its body read");

    public Task Ended(int number) => Guard(number, SignalsOf(number).Ended, "end");

    private async Task Guard(int number, TaskCompletionSource signal, string verb)
    {
        try
        {
            await signal.Task.WaitAsync(SignalGuard).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            IReadOnlyList<EmulatedAttempt> seen = Snapshot();
            string list = seen.Count == 0 ? "none" : string.Join("; ", seen);
            string message = string.Create(
                CultureInfo.InvariantCulture, $"Attempt {number} did not {verb} within {SignalGuard.TotalSeconds:0} s. Seen: {list}.");
            throw new TimeoutException(message, exception);
        }
    }

    private Signals SignalsOf(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        lock (_gate)
        {
            while (_signals.Count < number)
            {
                _signals.Add(new Signals());
            }

            return _signals[number - 1];
        }
    }

    private sealed class Signals
    {
        public TaskCompletionSource Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource BodyRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
