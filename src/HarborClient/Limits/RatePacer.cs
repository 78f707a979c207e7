namespace HarborClient.Limits;

/// <summary>Keeps requests and tokens per minute below what the host allows, before it has to say so.</summary>
/// <remarks>
/// A bucket for each rate that is configured or that the host's headers name; the lower of both counts. Estimates are charged before, settled after. A refusal lowers the
/// share that is used (another process may use the same credential) and closes the gate for as long as the host says. Not thread-safe; time in seconds.
/// </remarks>
internal sealed class RatePacer
{
    private const int Requests = 0;
    private const int Tokens = 1;
    private const int Input = 2;
    private const int Output = 3;
    private const double LeastShare = 0.02;
    private const double Backoff = 0.7;

    /// <summary>A refusal at the edge of what is known to be allowed is an estimate that was too low, and nobody else's use.</summary>
    private const double SlightBackoff = 0.98;
    private const double SecondsBetweenBackoffs = 2;
    private const double QuietSeconds = 5;
    private const double RecoveredPerSecond = 0.003;

    private readonly RateBucket[] _buckets = new RateBucket[4];
    private readonly long?[] _configured;
    private readonly Func<double> _random;
    private double _share = 1;
    private double _shareAt;
    private double _quietSince;
    private double _backoffAllowedAt;

    internal RatePacer(LimitOptions options, Func<double> random)
    {
        _random = random;
        _configured = [options.RequestsPerMinute, options.TokensPerMinute, null, null];
        for (int i = 0; i < _buckets.Length; i++)
        {
            _buckets[i] = new RateBucket();
            if (_configured[i] is { } limit) _buckets[i].Learn(limit, 0);
        }
    }

    /// <summary>Nothing goes out before: the host has said so.</summary>
    internal double GateUntil { get; private set; }

    /// <summary>Requests, tokens, tokens of prompts, tokens of answers; where they are known.</summary>
    internal ReadOnlySpan<RateBucket> Buckets => _buckets;

    internal long? RequestsPerMinute => _buckets[Requests].Limit is > 0 and long limit ? limit : null;

    internal long? TokensPerMinute => _buckets[Tokens].Limit is > 0 and long limit ? limit : null;

    /// <summary>Seconds until the buckets hold enough. The gate is asked apart.</summary>
    internal double WaitFor(int requests, long inputTokens, long outputTokens, double now)
    {
        if (!KnowsRates) return 0;
        Recover(now);
        double wait = 0;
        for (int i = 0; i < _buckets.Length; i++) wait = Math.Max(wait, _buckets[i].WaitFor(i == Requests ? requests : Amount(i, inputTokens, outputTokens), now));

        return wait;
    }

    internal void Take(long inputTokens, long outputTokens, double now)
    {
        for (int i = 0; i < _buckets.Length; i++) _buckets[i].Take(Amount(i, inputTokens, outputTokens), now);
    }

    internal void Settle(long inputDifference, long outputDifference, double takenAt, double now)
    {
        for (int i = Tokens; i < _buckets.Length; i++) _buckets[i].Settle(Amount(i, inputDifference, outputDifference), takenAt, now);
    }

    internal void OnRejected(double now, double? retryAfter)
    {
        double seconds = Math.Min(ConcurrencyLimit.LongestGateSeconds, retryAfter ?? 0);
        if (seconds > 0) GateUntil = Math.Max(GateUntil, now + (seconds * (1 + (0.1 * _random()))));
        if (now >= _backoffAllowedAt)
        {
            SetShare(Math.Max(LeastShare, (IsNearlyUsed(now) ? SlightBackoff : Backoff) * _share));
            _backoffAllowedAt = now + Math.Max(SecondsBetweenBackoffs, seconds);
        }

        _quietSince = _shareAt = now;
        foreach (RateBucket bucket in _buckets) bucket.AtMost(0);
    }

    internal void OnFacts(in RateLimitFacts facts, double now)
    {
        Learn(Requests, facts.Requests, now);
        Learn(Tokens, facts.Tokens, now);
        Learn(Input, facts.InputTokens, now);
        Learn(Output, facts.OutputTokens, now);
    }

    /// <summary>Whether any rate is known.</summary>
    internal bool KnowsRates => _buckets[Requests].Limit > 0 || _buckets[Tokens].Limit > 0 || _buckets[Input].Limit > 0 || _buckets[Output].Limit > 0;

    private static double Amount(int rate, long inputTokens, long outputTokens) => rate switch
    {
        Requests => 1,
        Tokens => inputTokens + outputTokens,
        Input => inputTokens,
        _ => outputTokens,
    };

    private void Learn(int rate, RateFact fact, double now)
    {
        RateBucket bucket = _buckets[rate];
        if (fact.Limit is > 0 and long said)
        {
            bool isNew = bucket.Limit == 0;
            long limit = Math.Min(said, _configured[rate] ?? long.MaxValue);
            if (bucket.Limit != limit) bucket.Learn(limit, now);
            if (isNew && fact.Remaining is >= 0 and long left) bucket.AtLeastTaken(said - left, now);
        }

        // Nothing left of no limit is no statement: hosts without limits say so with zeros.
        if (fact.Remaining is >= 0 and long remaining && bucket.Limit > 0) bucket.AtMost(remaining);
    }

    /// <summary>Whether half of what a known rate allows a minute has gone out.</summary>
    internal bool IsHalfUsed(double now)
    {
        foreach (RateBucket bucket in _buckets)
        {
            if (bucket.IsHalfUsed(now)) return true;
        }

        return false;
    }

    private bool IsNearlyUsed(double now)
    {
        foreach (RateBucket bucket in _buckets)
        {
            if (bucket.IsNearlyUsed(now)) return true;
        }

        return false;
    }

    private void Recover(double now)
    {
        if (_share >= 1 || now - _quietSince < QuietSeconds) return;
        double since = Math.Max(_shareAt, _quietSince + QuietSeconds);
        if (now <= since) return;
        SetShare(Math.Min(1, _share + (RecoveredPerSecond * (now - since))));
        _shareAt = now;
    }

    private void SetShare(double share)
    {
        _share = share;
        foreach (RateBucket bucket in _buckets) bucket.Share = share;
    }
}
