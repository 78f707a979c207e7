using System.Numerics;

namespace HarborClient.Limits;

/// <summary>How long the first update takes when nobody is in the way, for each size of prompt (powers of two), and how much longer one took.</summary>
/// <remarks>Not thread-safe. The factors are those of the simulation behind docs/limits.md.</remarks>
internal sealed class FirstUpdateBaseline
{
    /// <summary>Smaller prompts cost the same.</summary>
    private const int SmallestPromptTokens = 128;

    /// <summary>Up to this multiple of the baseline is noise.</summary>
    private const double Tolerance = 1.5;

    // By the power of two of the prompt; 0 = nothing seen.
    private readonly double[] _seconds = new double[sizeof(long) * 8];

    /// <summary>Takes one time in; returns the seconds beyond what noise explains.</summary>
    internal double Excess(double seconds, long inputTokens)
    {
        ref double known = ref _seconds[BitOperations.Log2((ulong)Math.Max(SmallestPromptTokens, inputTokens))];
        if (known == 0)
        {
            known = seconds;
            return 0;
        }

        double excess = Math.Max(0, seconds - (Tolerance * known));

        // Down quickly, up slowly, and not at all for what may be a queue: a queue must not become the baseline.
        if (seconds < known / 2) known -= 0.3 * (known - seconds);
        else if (seconds < known) known -= 0.05 * (known - seconds);
        else known *= seconds < Tolerance * known ? 1.001 : 1.0002;
        return excess;
    }
}
