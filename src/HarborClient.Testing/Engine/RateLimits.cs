namespace HarborClient.Testing.Engine;

// The limits of one emulator.
internal sealed class RateLimits(TimeProvider time)
{
    private readonly Lock _gate = new();

    // Both are guarded by _gate.
    private RateWindow? _requests;
    private RateWindow? _tokens;

    public bool IsSet
    {
        get
        {
            lock (_gate)
            {
                return _requests is not null || _tokens is not null;
            }
        }
    }

    public void LimitRequests(int perMinute)
    {
        lock (_gate)
        {
            _requests = new RateWindow(perMinute, time);
        }
    }

    public void LimitTokens(long perMinute)
    {
        lock (_gate)
        {
            _tokens = new RateWindow(perMinute, time);
        }
    }

    // A refused request takes nothing from either limit.
    public (TimeSpan RetryAfter, LimitState Requests, LimitState Tokens) Check(long tokens)
    {
        lock (_gate)
        {
            TimeSpan forRequests = _requests?.WaitFor(1) ?? TimeSpan.Zero;
            TimeSpan forTokens = _tokens?.WaitFor(tokens) ?? TimeSpan.Zero;
            TimeSpan wait = forRequests > forTokens ? forRequests : forTokens;
            if (wait == TimeSpan.Zero)
            {
                _requests?.Take(1);
                _tokens?.Take(tokens);
            }

            return (wait, _requests?.State() ?? default, _tokens?.State() ?? default);
        }
    }
}
