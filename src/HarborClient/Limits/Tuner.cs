namespace HarborClient.Limits;

/// <summary>Moves the limit on requests in flight and the suggested micro-batch together, by how far the answers are from their targets.</summary>
/// <remarks>
/// One number between 0 (both at their minimum) and 1 (both at their maximum): lowered by a share, raised by a step, as TCP does, so that it settles where the targets are
/// just met. Not thread-safe; time in seconds.
/// </remarks>
internal sealed class Tuner(TuningOptions options, int leastInFlight, int mostInFlight, double initialInFlight)
{
    private const double WindowSeconds = 5;
    private const int LeastAnswers = 10;
    private const int MostSamples = 256;
    private const double Percentile = 0.95;
    private const double Lowered = 0.8;
    private const double RaisedShare = 0.05;
    private const double LeastStep = 0.005;

    /// <summary>Raised only where this share of a target is not used up; between it and the target both stay.</summary>
    private const double Headroom = 0.9;

    private readonly double[] _seconds = new double[MostSamples];
    private double _scale = mostInFlight > leastInFlight ? (initialInFlight - leastInFlight) / (mostInFlight - leastInFlight) : 1;
    private double _windowStart;
    private int _latencies;
    private int _answers;
    private int _errors;

    internal double MostInFlight => leastInFlight + (_scale * (mostInFlight - leastInFlight));

    internal int Batch => options.MinimumBatch + (int)Math.Round(_scale * (options.MaximumBatch - options.MinimumBatch));

    internal void OnFirstUpdate(double seconds) => _seconds[_latencies++ % MostSamples] = seconds;

    internal void OnEnd(double now, bool isError)
    {
        _answers++;
        if (isError) _errors++;
        if (now - _windowStart < WindowSeconds || _answers < LeastAnswers) return;

        double used = Math.Max(
            options.TargetLatency is { } latency && _latencies > 0 ? SlowSeconds() / latency.TotalSeconds : 0,
            options.TargetErrorRate is { } rate ? (double)_errors / _answers / rate : 0);
        if (used > 1) _scale *= Lowered;
        else if (used < Headroom) _scale = Math.Min(1, _scale + Math.Max(LeastStep, RaisedShare * _scale));
        (_windowStart, _latencies, _answers, _errors) = (now, 0, 0, 0);
    }

    private double SlowSeconds()
    {
        Span<double> seconds = _seconds.AsSpan(0, Math.Min(_latencies, MostSamples));
        seconds.Sort();
        return seconds[(int)(Percentile * (seconds.Length - 1))];
    }
}
