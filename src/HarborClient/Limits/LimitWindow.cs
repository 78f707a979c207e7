namespace HarborClient.Limits;

/// <summary>What was seen since the limit was last looked at.</summary>
/// <remarks>Not thread-safe. Bounded: a window is a second, and of more samples than fit the newest speak.</remarks>
internal sealed class LimitWindow
{
    private const int MostSamples = 256;

    /// <summary>The share that is left out at either end of a mean: one stray answer must not move the limit.</summary>
    private const double Trimmed = 0.1;

    private readonly double[] _samples = new double[MostSamples];
    private int _seen;

    internal double StartedAt { get; private set; }

    internal int PeakInFlight { get; private set; }

    internal int Count => Math.Min(_seen, MostSamples);

    internal void Add(double excess) => _samples[_seen++ % MostSamples] = excess;

    internal void Saw(int inFlight) => PeakInFlight = Math.Max(PeakInFlight, inFlight);

    internal double TrimmedMean()
    {
        int count = Count;
        Span<double> samples = _samples.AsSpan(0, count);
        samples.Sort();
        int cut = (int)(Trimmed * count);
        double sum = 0;
        foreach (double sample in samples[cut..(count - cut)]) sum += sample;
        return sum / (count - (2 * cut));
    }

    internal void Restart(double now, int inFlight)
    {
        StartedAt = now;
        PeakInFlight = inFlight;
        _seen = 0;
    }
}
