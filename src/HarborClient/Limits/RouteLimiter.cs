// Hot path: every request enters and exits here once. One short lock, no allocation where nobody has to wait.
namespace HarborClient.Limits;

/// <summary>Lets requests to one provider, endpoint, credential and family of models out: no more at once and no faster than the host bears.</summary>
/// <remarks>
/// Three parts: an adaptive <see cref="ConcurrencyLimit"/>, a <see cref="RatePacer"/> and, before them, an <see cref="AdmissionQueue"/>. Thread-safe. A <see cref="Permit"/>
/// belongs to whoever sends, who reports what the host does with it and gives it back once by <see cref="Exit"/>.
/// </remarks>
internal sealed partial class RouteLimiter
{
    /// <summary>Below this share of the limit that is free, nothing runs beside a slow request.</summary>
    private const double FreeShare = 0.2;

    /// <summary>Where nothing was sent for so long, no caller is near, and what is known of the host is getting old.</summary>
    private const double IdleSeconds = 10;

    /// <summary>Reading them costs half a microsecond; the buckets run on by themselves in between.</summary>
    private static readonly TimeSpan RatesEvery = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly LimitOptions _options;
    private readonly TimeProvider _time;
    private readonly long _origin;

    // A timestamp; 0 before the first time. By Interlocked.
    private long _ratesReadAt;

    // All below are guarded by _gate.
    private readonly ConcurrencyLimit _limit;
    private readonly RatePacer _pacer;
    private readonly Tuner? _tuner;
    private readonly AdmissionQueue _queue = new();
    private readonly YoungRequests _young = new();
    private int _inFlight;
    private int _lost;
    private double _sentAt;

    /// <param name="name">What errors call it, such as <c>openai/gpt-4o-mini</c>.</param>
    /// <param name="options">Validated, and not changed any more.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Between 0 and 1; called inside the limiter's lock.</param>
    internal RouteLimiter(string name, LimitOptions options, TimeProvider time, Func<double> random)
    {
        _name = name;
        _options = options;
        _time = time;
        _origin = time.GetTimestamp();
        _limit = new ConcurrencyLimit(options, random);
        _pacer = new RatePacer(options, random);
        if (options.Tuning.TargetLatency is not null || options.Tuning.TargetErrorRate is not null)
            _tuner = new Tuner(options.Tuning, options.MinimumInFlight, options.MaximumInFlight, _limit.Limit);
    }

    /// <summary>Requests that hold a permit.</summary>
    internal int InFlight { get { lock (_gate) return _inFlight; } }

    /// <summary>Requests that wait for one.</summary>
    internal int Queued { get { lock (_gate) return _queue.Count; } }

    /// <summary>How many may hold one at once; only whole ones do.</summary>
    internal double Limit { get { lock (_gate) return Effective; } }

    /// <summary>Tokens a minute that the host allows, where it is known.</summary>
    internal long? TokensPerMinute { get { lock (_gate) return _pacer.TokensPerMinute; } }

    /// <summary>The micro-batch at which the targets are met; <see langword="null"/> without targets.</summary>
    internal int? SuggestedBatch
    {
        get
        {
            if (_tuner is null) return null;
            lock (_gate) return _tuner.Batch;
        }
    }

    private double Effective => _tuner is null ? _limit.Limit : Math.Max(_options.MinimumInFlight, Math.Min(_limit.Limit, _tuner.MostInFlight));

    /// <summary>Lets a request in whatever the limits say, and counts it.</summary>
    internal Permit EnterUnchecked(in Admission admission)
    {
        lock (_gate) return Take(admission, Now());
    }

    /// <summary>Lets a request in if there is room and nobody waits.</summary>
    internal bool TryEnter(in Admission admission, out Permit permit)
    {
        lock (_gate)
        {
            double now = Now();
            bool isFree = _queue.Count == 0 && WaitFor(admission, now) == 0;
            permit = isFree ? Take(admission, now) : default;
            return isFree;
        }
    }

    /// <summary>
    /// Lets in a request that nobody waits for: only while half of what may be in flight stays free, and half of what may go out a minute is left, so that it takes nobody's place. What
    /// refusals have closed or brought down to one it tries only where callers have not come by for a while, or a host that only such requests go to would be lost for ever.
    /// </summary>
    internal bool TryEnterSpare(in Admission admission, out Permit permit)
    {
        lock (_gate)
        {
            double now = Now();
            bool isIdle = _inFlight == 0 && now - _sentAt >= IdleSeconds && _options.MaximumInFlight > 1;
            bool hasRoom = isIdle || (!_limit.IsProbing && 2 * (_inFlight + 1) <= Effective);
            bool isSpare = hasRoom && _queue.Count == 0 && !_pacer.IsHalfUsed(now) && WaitFor(admission, now) == 0;
            permit = isSpare ? Take(admission, now) : default;
            return isSpare;
        }
    }

    /// <summary>Whether a request beside a slow one takes nobody's place.</summary>
    internal bool HasRoomBeside(in Admission admission)
    {
        lock (_gate) return HasRoomBeside(admission, Now());
    }

    /// <summary>Lets a request in that runs beside a slow one, if it takes nobody's place.</summary>
    internal bool TryEnterBeside(in Admission admission, out Permit permit)
    {
        lock (_gate)
        {
            double now = Now();
            bool hasRoom = HasRoomBeside(admission, now);
            permit = hasRoom ? Take(admission, now) : default;
            return hasRoom;
        }
    }

    /// <summary>The host has taken the request: the headers of an answer are there.</summary>
    internal void OnAccepted(ref Permit permit)
    {
        if (!permit.IsHeld || permit.IsAccepted || permit.IsLost) return;
        lock (_gate) Accept(ref permit, Now());
    }

    /// <summary>The answer has begun.</summary>
    /// <param name="permit">The request's.</param>
    /// <param name="inputTokens">Size of the prompt, as far as it is known.</param>
    /// <param name="isStreamed">Whether the time until now is that of a first token. An answer in one piece has written all of them, so that its time says nothing about a queue.</param>
    internal void OnFirstUpdate(ref Permit permit, long inputTokens, bool isStreamed)
    {
        if (!permit.IsHeld || permit.IsLost) return;
        lock (_gate)
        {
            // Again inside: another thread may have given the permit of an attempt back that was overtaken.
            if (!permit.IsHeld) return;
            double now = Now();
            double sentAt = Seconds(permit.SentAt);
            Accept(ref permit, now);
            permit.IsProbe = false;
            _limit.IsProbeOut = false;
            _limit.OnFirstUpdate(now, sentAt, isStreamed ? now - sentAt : null, inputTokens, _inFlight, _inFlight - _lost - _young.Count(now));
            _tuner?.OnFirstUpdate(now - sentAt);
            Pump(now);
        }
    }

    /// <summary>The host has refused the request.</summary>
    internal void OnRejected(ref Permit permit, RejectClass rejectClass, TimeSpan? retryAfter)
    {
        if (!permit.IsHeld || permit.IsLost) return;
        lock (_gate)
        {
            double now = Now();
            double sentAt = Seconds(permit.SentAt);
            _young.Refused(now - sentAt);
            Lose(ref permit, sentAt, now);

            // A rate that is not known cannot be paced: the other controller has to do.
            bool isRate = rejectClass == RejectClass.Rate && _pacer.KnowsRates;
            if (isRate || rejectClass == RejectClass.Unknown) _pacer.OnRejected(now, retryAfter?.TotalSeconds);
            if (!isRate)
            {
                int young = _young.Count(now);
                _limit.OnRejected(now, sentAt, _inFlight - _lost - young, young, _inFlight, retryAfter?.TotalSeconds);
            }

            RefuseBehindGates(now);
            Pump(now);
        }
    }

    /// <summary>The host has failed: 5xx, no connection, no answer in time.</summary>
    internal void OnFailed(ref Permit permit)
    {
        if (!permit.IsHeld || permit.IsLost) return;
        lock (_gate)
        {
            double now = Now();
            double sentAt = Seconds(permit.SentAt);
            Lose(ref permit, sentAt, now);
            _limit.OnOutcome(now, sentAt, isFailure: true, _inFlight);
        }
    }

    /// <summary>Whether it is time to read what the headers say: not for every answer of a busy host.</summary>
    internal bool WantsRates()
    {
        long now = _time.GetTimestamp();
        long last = Volatile.Read(ref _ratesReadAt);
        if (last != 0 && _time.GetElapsedTime(last, now) < RatesEvery) return false;
        return Interlocked.CompareExchange(ref _ratesReadAt, Math.Max(1, now), last) == last;
    }

    /// <summary>What the headers of an answer say.</summary>
    internal void OnRateLimits(in RateLimitFacts facts)
    {
        lock (_gate)
        {
            double now = Now();
            _pacer.OnFacts(facts, now);
            Pump(now);
        }
    }

    /// <summary>Gives the permit back. What follows is nobody's any more; a second call does nothing.</summary>
    /// <param name="permit">The request's.</param>
    /// <param name="inputTokens">What the prompt really was; <see langword="null"/> leaves the estimate.</param>
    /// <param name="outputTokens">What the answer really was; <see langword="null"/> leaves the estimate.</param>
    internal void Exit(ref Permit permit, long? inputTokens, long? outputTokens)
    {
        if (!permit.IsHeld) return;
        lock (_gate)
        {
            permit.IsHeld = false;
            double now = Now();
            double sentAt = Seconds(permit.SentAt);
            _inFlight--;
            if (permit.IsProbe) _limit.IsProbeOut = false;
            if (permit.IsLost)
            {
                _lost--;
            }
            else if (permit.IsAccepted)
            {
                _limit.OnExit(now - sentAt);
                _limit.OnOutcome(now, sentAt, isFailure: false, _inFlight);
            }
            else
            {
                _young.Remove(sentAt, now);
            }

            if (permit.IsLost || permit.IsAccepted) _tuner?.OnEnd(now, permit.IsLost);
            _pacer.Settle((inputTokens ?? permit.InputTokens) - permit.InputTokens, (outputTokens ?? permit.OutputTokens) - permit.OutputTokens, sentAt, now);
            Pump(now);
        }
    }

    /// <summary>What other processes with the same credential should know.</summary>
    internal LimitShare Publish()
    {
        lock (_gate) return new LimitShare(_limit.Limit, _limit.FoundMaximum);
    }

    /// <summary>Moves a fifth of the way to what they have on average, itself included: called every two seconds it makes equals of them.</summary>
    internal void Nudge(double meanLimit, double meanMaximum)
    {
        lock (_gate)
        {
            _limit.Nudge(meanLimit, meanMaximum);
            Pump(Now());
        }
    }

    private Permit Take(in Admission admission, double now)
    {
        _inFlight++;
        _sentAt = now;
        _wasUsed = true;
        _young.Add(now);
        _limit.OnSent(now, _inFlight);
        _pacer.Take(admission.InputTokens, admission.OutputTokens, now);
        bool isProbe = _limit.IsProbing && !_limit.IsProbeOut;
        if (isProbe) _limit.IsProbeOut = true;
        return new Permit { SentAt = _time.GetTimestamp(), InputTokens = admission.InputTokens, OutputTokens = admission.OutputTokens, IsHeld = true, IsProbe = isProbe };
    }

    private void Accept(ref Permit permit, double now)
    {
        if (!permit.IsHeld || permit.IsAccepted || permit.IsLost) return;
        permit.IsAccepted = true;
        _young.Remove(Seconds(permit.SentAt), now);
    }

    private void Lose(ref Permit permit, double sentAt, double now)
    {
        if (!permit.IsAccepted) _young.Remove(sentAt, now);
        permit.IsLost = true;
        _lost++;
    }

    /// <summary>Seconds until a request may go: zero for now, infinity for when something else changes.</summary>
    private double WaitFor(in Admission admission, double now)
    {
        double gate = Math.Max(_limit.GateUntil, _pacer.GateUntil) - now;
        if (gate > 0) return gate;
        if (_inFlight >= Math.Floor(Effective) || (_limit.IsProbing && _limit.IsProbeOut)) return double.PositiveInfinity;
        return _pacer.WaitFor(1, admission.InputTokens, admission.OutputTokens, now);
    }

    /// <summary>A fifth of the limit is free, the host has refused nothing lately, and the rates bear one more after this one.</summary>
    private bool HasRoomBeside(in Admission admission, double now)
    {
        double most = Math.Floor(Effective);
        return _queue.Count == 0 && !_limit.IsProbing && WaitFor(admission, now) == 0 && most - _inFlight >= FreeShare * most
            && _pacer.WaitFor(2, 2 * admission.InputTokens, 2 * admission.OutputTokens, now) == 0;
    }

    private double Now() => _time.GetElapsedTime(_origin).TotalSeconds;

    private double Seconds(long timestamp) => _time.GetElapsedTime(_origin, timestamp).TotalSeconds;
}
