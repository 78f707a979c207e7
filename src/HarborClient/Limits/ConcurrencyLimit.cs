using System.Numerics;

namespace HarborClient.Limits;

/// <summary>How many requests a host gets at once, found by what it does with them.</summary>
/// <remarks>
/// Two signs lower it: a refusal, and first updates that come later than the baseline of their size. The delay becomes the length of the host's queue by Little's law
/// (queued = limit × delay ÷ duration), so that the length of answers plays no part. It rises while it is used to the full and nothing speaks against it; beyond where it
/// was last refused only as fast as a budget of refusals (<see cref="RefusalShare"/> of what is sent) allows. Not thread-safe; time in seconds. Measured in docs/limits.md.
/// </remarks>
internal sealed class ConcurrencyLimit(LimitOptions options, Func<double> random)
{
    /// <summary>What a host asks for is bounded: then one request looks whether it still means it.</summary>
    internal const double LongestGateSeconds = 600;

    private const int DefaultInitial = 8;
    private const double RefusalShare = 0.006;
    private const double SecondsPerFreeProbe = 400;
    private const double MostProbes = 5;
    private const double LeastProbes = -2;

    /// <summary>What a queue costs of the budget, against one for a refusal: it only makes some wait.</summary>
    private const double DrainPrice = 0.36;
    private const double FailureBackoff = 0.1;

    /// <summary>A refusal after a raise says where the limit is; those that follow it say that it has moved, so that each lowers it by three times as much.</summary>
    private const double LeastBackoff = 0.05;
    private const double MostBackoff = 0.2;
    private const double WindowSeconds = 0.9;

    /// <summary>Below this share of the limit the host was not put to the test.</summary>
    private const double Used = 0.8;

    private const double DurationWeight = 0.05;

    /// <summary>Outcomes that are looked at together, one bit each.</summary>
    private const int Outcomes = 64;

    private readonly FirstUpdateBaseline _baseline = new();
    private readonly LimitWindow _window = new();
    private double _probes = 1;
    private double _probesAt;
    private double _step = 1;
    private double _target;
    private double _decreasedAt = double.NegativeInfinity;
    private double _epoch = double.NegativeInfinity;
    private double _backoff = LeastBackoff;
    private bool _isSlowStart = true;
    private bool _hasMet;
    private bool _maximumIsGuess;
    private bool _wasRaised = true;
    private int _refusedInARow;
    private int _durations;
    private ulong _failed;
    private int _outcomes;

    internal double Limit { get; private set; } = options.InitialInFlight ?? Math.Clamp(DefaultInitial, options.MinimumInFlight, options.MaximumInFlight);

    internal double Maximum { get; private set; } = options.MaximumInFlight;

    /// <summary>The maximum that the host has shown; 0 before.</summary>
    internal double FoundMaximum => _isSlowStart ? 0 : Maximum;

    /// <summary>Mean seconds that a request holds its permit; 0 until one was given back.</summary>
    internal double MeanSeconds { get; private set; }

    /// <summary>Nothing goes out before; then one request probes.</summary>
    internal double GateUntil { get; private set; }

    /// <summary>Whether the gate, when its time has come, opens for one request only.</summary>
    internal bool IsProbing { get; private set; }

    /// <summary>Whether that request is out.</summary>
    internal bool IsProbeOut { get; set; }

    internal void OnSent(double now, int inFlight)
    {
        _probes = Math.Min(MostProbes, _probes + RefusalShare + ((now - _probesAt) / SecondsPerFreeProbe));
        _probesAt = now;
        _window.Saw(inFlight);
    }

    /// <param name="now">Now.</param>
    /// <param name="sentAt">When the request was sent.</param>
    /// <param name="seconds">Time to the first update; <see langword="null"/> where it says nothing about a queue, as of answers in one piece.</param>
    /// <param name="inputTokens">Size of the prompt.</param>
    /// <param name="inFlight">Requests in flight.</param>
    /// <param name="accepted">How many of them the host is known to work on.</param>
    internal void OnFirstUpdate(double now, double sentAt, double? seconds, long inputTokens, int inFlight, int accepted)
    {
        // In the burst of a slow start hardly one request is old enough to count when the first is refused. What the host then turns out to work on is proof.
        if (_maximumIsGuess && accepted > Maximum) Maximum = Bounded(accepted);
        IsProbing = false;
        _refusedInARow = 0;
        double excess = seconds is { } known ? _baseline.Excess(known, inputTokens) : 0;
        if (sentAt >= _epoch)
        {
            _window.Add(excess);

            // One by one, as answers begin: a step taken at once would send a burst.
            if (excess == 0 && inFlight >= Used * Limit && (_isSlowStart || Limit < _target)) Set(_isSlowStart ? Limit + 1 : Math.Min(_target, Limit + 1));
        }

        Adapt(now, inFlight);
    }

    /// <param name="now">Now.</param>
    /// <param name="sentAt">When the refused request was sent.</param>
    /// <param name="accepted">How many requests the host is known to work on.</param>
    /// <param name="young">How many more it may work on, or refuse yet.</param>
    /// <param name="inFlight">Requests in flight.</param>
    /// <param name="retryAfter">Seconds that the host asks for.</param>
    internal void OnRejected(double now, double sentAt, int accepted, int young, int inFlight, double? retryAfter)
    {
        _probes = Math.Max(LeastProbes, _probes - 1);
        if (sentAt >= _decreasedAt)
        {
            // Half of the young ones in the burst of a slow start, where others are refused with this one; all of them later, where that is rare.
            double evidence = Math.Clamp(accepted + (_isSlowStart ? young / 2 : young), 1, Math.Max(1, Limit));

            // Far below the limit a refusal has other reasons than our number. Without this a lone one would shut out the next burst for minutes.
            if (inFlight < Limit / 2) evidence = Math.Max(evidence, Limit / 2);
            _backoff = _wasRaised ? LeastBackoff : Math.Min(MostBackoff, 3 * _backoff);
            _maximumIsGuess = _isSlowStart || (_maximumIsGuess && !_wasRaised);
            Lower(now, evidence, evidence - Math.Max(_backoff > LeastBackoff ? 1 : 0, Math.Floor(_backoff * evidence)), inFlight);
            if (++_refusedInARow >= 2) Close(now + (Math.Min(8, 0.25 * Math.Pow(2, _refusedInARow)) * (0.75 + (0.5 * random()))));
        }

        if (retryAfter is { } seconds) Close(now + (Math.Min(LongestGateSeconds, seconds) * (1 + (0.1 * random()))));
    }

    /// <summary>5xx and timeouts lower the limit only where they are more than a tenth of what came back: one is chance.</summary>
    internal void OnOutcome(double now, double sentAt, bool isFailure, int inFlight)
    {
        _failed = (_failed << 1) | (isFailure ? 1UL : 0);
        _outcomes = Math.Min(Outcomes, _outcomes + 1);
        if (!isFailure || _outcomes < 20 || BitOperations.PopCount(_failed) * 10 <= _outcomes || sentAt < _decreasedAt) return;
        (_failed, _outcomes) = (0, 0);
        Lower(now, Limit, Limit * (1 - FailureBackoff), inFlight);
    }

    internal void OnExit(double seconds)
    {
        // A true mean until the weight's own memory is full.
        _durations = Math.Min((int)(1 / DurationWeight), _durations + 1);
        MeanSeconds += (seconds - MeanSeconds) / _durations;
    }

    /// <summary>A fifth of the way to what processes with the same credential have on average.</summary>
    /// <param name="meanLimit">Of their limits.</param>
    /// <param name="meanMaximum">Of what they have found; 0 where none has.</param>
    internal void Nudge(double meanLimit, double meanMaximum)
    {
        const double Share = 0.2;
        if (_isSlowStart && meanMaximum > 0)
        {
            // The others have found what the host bears, and use it: a newcomer that looks for it again takes more than there is. It begins with the least and is given its part.
            _isSlowStart = false;
            if (!_hasMet) Set(options.MinimumInFlight);
            Maximum = Limit;
        }

        _hasMet = true;
        Set(Limit + (Share * (meanLimit - Limit)));
        if (meanMaximum > 0) Maximum = Bounded(Maximum + (Share * (meanMaximum - Maximum)));
    }

    private void Adapt(double now, int inFlight)
    {
        if (now - _window.StartedAt < WindowSeconds || _window.Count < (_isSlowStart ? 3 : Math.Clamp(Limit / 8, 3, 20))) return;

        double queued = MeanSeconds > 0 ? Limit * _window.TrimmedMean() / MeanSeconds : 0;
        bool isUsed = _window.PeakInFlight >= Used * Limit;
        if (queued > Math.Max(1.5, 0.06 * Limit))
        {
            // Once, to where the queue is empty; what was sent before says nothing about what follows.
            double lowered = Bounded(Math.Max(Limit / 2, Limit - queued + Math.Max(0.75, 0.02 * Limit)));
            _probes = Math.Max(LeastProbes, _probes - DrainPrice);
            Lower(now, lowered, lowered, inFlight);
            return;
        }

        if (queued <= Math.Max(0.75, 0.03 * Limit) && isUsed) Raise();
        _window.Restart(now, inFlight);
    }

    private void Raise()
    {
        _wasRaised = true;
        if (_isSlowStart)
        {
            Set((1.5 * Limit) + 1);
        }
        else if (Limit < Maximum)
        {
            Set(Math.Min(Maximum, Limit + Math.Max(1, 0.25 * (Maximum - Limit))));
        }
        else if (_probes >= 1)
        {
            _target = Limit + _step;
            if (Limit >= (1.1 * Maximum) + 1) _step = Math.Min(2 * _step, Math.Max(1, (Limit >= 1.25 * Maximum ? 0.5 : 0.1) * Limit));
        }
    }

    private void Lower(double now, double maximum, double limit, int inFlight)
    {
        Maximum = Bounded(maximum);
        Set(limit);
        _target = 0;
        _decreasedAt = _epoch = now;
        _step = 1;
        _wasRaised = false;
        _isSlowStart = false;
        _window.Restart(now, inFlight);
    }

    private void Close(double until)
    {
        GateUntil = Math.Max(GateUntil, until);
        IsProbing = true;
    }

    private void Set(double limit) => Limit = Bounded(limit);

    private double Bounded(double limit) => Math.Clamp(limit, options.MinimumInFlight, options.MaximumInFlight);
}
