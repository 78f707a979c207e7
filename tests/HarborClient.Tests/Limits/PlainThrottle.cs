using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// A number of requests at once: always the same, known from elsewhere, or moved by ten after every hundred calls.
internal sealed class PlainThrottle : IThrottle
{
    private readonly Func<double> _limit;
    private readonly bool _isAdaptive;
    private int _inFlight;
    private int _calls;
    private int _errors;
    private double _adapted = 50;

    private PlainThrottle(Func<double> limit, bool isAdaptive, bool holds) => (_limit, _isAdaptive, HoldsWhileBackingOff) = (limit, isAdaptive, holds);

    public double Limit => _isAdaptive ? _adapted : _limit();

    public bool HoldsWhileBackingOff { get; }

    public static PlainThrottle Fixed(int limit) => new(() => limit, isAdaptive: false, holds: true);

    // What a scheme could do that knew the host.
    public static PlainThrottle Oracle(Func<double> capacity) => new(capacity, isAdaptive: false, holds: false);

    // Every 100 calls by ten between 10 and 200: up below 1 % errors, down above 5 %.
    public static PlainThrottle PlusMinusTen() => new(() => 0, isAdaptive: true, holds: true);

    public bool TryEnter(SimulatedRequest request)
    {
        if (_inFlight >= Math.Floor(Limit)) return false;
        _inFlight++;
        return true;
    }

    public void OnFirstUpdate(SimulatedRequest request, RateLimitFacts facts) => Count(isError: false);

    public void OnRejected(SimulatedRequest request, RejectClass rejectClass, TimeSpan? retryAfter, RateLimitFacts facts) => Count(isError: true);

    public void OnFailed(SimulatedRequest request) => Count(isError: true);

    public void Exit(SimulatedRequest request, bool isWhole) => _inFlight--;

    private void Count(bool isError)
    {
        if (isError) _errors++;
        if (++_calls < 100) return;
        if (_errors < 1) _adapted = Math.Min(200, _adapted + 10);
        else if (_errors > 5) _adapted = Math.Max(10, _adapted - 10);
        (_calls, _errors) = (0, 0);
    }
}
