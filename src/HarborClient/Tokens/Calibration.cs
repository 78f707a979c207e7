namespace HarborClient.Tokens;

/// <summary>
/// What one model charges for each feature of a request, learned from what it reported. Thread-safe; a short lock. With text alone this is the running mean
/// of actual / estimate whose gain falls as 1/n and stays at about 1/20; with more it is the same for all features at once (a Kalman filter), so that a
/// model's preamble for functions is not taken for longer words. It starts from the family's weights, which few reports move little.
/// </summary>
internal sealed class Calibration
{
    private const int N = PromptShape.Features;

    /// <summary>The first calls are all learned from, later ones now and then: an estimate costs more than the rest of a small call.</summary>
    private const int FirstSamples = 20;

    /// <summary>One in so many later calls; a power of two.</summary>
    private const int LaterInterval = 64;

    /// <summary>How far a report may lie from the estimate; a host that reports nonsense moves the weights slowly.</summary>
    private const double LeastRatio = 0.5;

    private const double MostRatio = 3;

    /// <summary>However often it lies, what is made of a host's reports stays near the family's own estimate: a third to three times of it, and a preamble.</summary>
    private const double MostPreamble = 1_000;

    /// <summary>What is left of an estimate's error when the weights are right, as a part of the count.</summary>
    private const double TextNoise = 0.04;

    /// <summary>Counts are whole numbers.</summary>
    private const double RoundingVariance = 0.5;

    /// <summary>From about so many reports on the old ones fade.</summary>
    private const double Memory = 20;

    /// <summary>How far each of a family's weights may be off for one model.</summary>
    private static readonly double[] Deviations = [0.12, 4, 1.5, 100, 0.3, 60, 0.3, 20];

    private readonly double[] _priors;
    private readonly Lock _gate = new();
    private int _calls;

    // Guarded by _gate.
    private readonly double[] _weights;
    private readonly double[] _covariance = new double[N * N];

    internal Calibration(TokenFamily family)
    {
        Family = family;
        _priors = [.. family.Priors];
        _weights = [.. family.Priors];
        for (int i = 0; i < N; i++) _covariance[(i * N) + i] = Deviations[i] * Deviations[i];
    }

    internal TokenFamily Family { get; }

    /// <summary>Whether this call is one to learn from. Counts it.</summary>
    internal bool WantsSample()
    {
        uint call = (uint)Interlocked.Increment(ref _calls);
        return call <= FirstSamples || (call & (LaterInterval - 1)) == 0;
    }

    internal double Estimate(in PromptShape shape)
    {
        Span<double> features = stackalloc double[N];
        shape.CopyTo(features);
        double family = Weigh(_priors, features);
        double learned;
        lock (_gate) learned = Weigh(_weights, features);
        return Math.Max(1, Math.Clamp(learned, family / MostRatio, (family * MostRatio) + MostPreamble)) + shape.Media;
    }

    internal void Learn(in PromptShape shape, long reported)
    {
        Span<double> features = stackalloc double[N];
        Span<double> gains = stackalloc double[N];
        shape.CopyTo(features);
        lock (_gate)
        {
            double estimate = Math.Max(1, Weigh(_weights, features));
            double actual = Math.Clamp(reported, estimate * LeastRatio, estimate * MostRatio);
            Fade();
            double variance = (TextNoise * actual * TextNoise * actual) + RoundingVariance;
            for (int i = 0; i < N; i++)
            {
                double sum = 0;
                for (int j = 0; j < N; j++) sum += _covariance[(i * N) + j] * features[j];
                gains[i] = sum;
                variance += features[i] * sum;
            }

            double error = actual - Weigh(_weights, features);
            for (int i = 0; i < N; i++) _weights[i] += gains[i] / variance * error;
            for (int i = 0; i < N; i++)
            {
                for (int j = 0; j < N; j++) _covariance[(i * N) + j] -= gains[i] * gains[j] / variance;
            }

            _weights[0] = Math.Clamp(_weights[0], LeastRatio, MostRatio);
        }
    }

    /// <summary>Models change behind their names. What is uncertain anyway does not become more so.</summary>
    private void Fade()
    {
        for (int i = 0; i < N; i++)
        {
            double prior = Deviations[i] * Deviations[i];
            ref double own = ref _covariance[(i * N) + i];
            if (own < prior) own = Math.Min(prior, own + (prior / (Memory * Memory)));
        }
    }

    private static double Weigh(ReadOnlySpan<double> weights, ReadOnlySpan<double> features)
    {
        double sum = 0;
        for (int i = 0; i < N; i++) sum += weights[i] * features[i];
        return sum;
    }
}
