using System.Globalization;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>One figure of each round.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    internal int Count => _values.Count;

    internal double Median => Quantile(0.5);

    /// <summary>Half of the distance between the quartiles, as a share of the median: what a figure wobbles by.</summary>
    internal double Spread => Median == 0 ? 0 : (Quantile(0.75) - Quantile(0.25)) / 2 / Median;

    internal void Add(double value) => _values.Add(value);

    internal void Clear() => _values.Clear();

    internal double Quantile(double share)
    {
        if (_values.Count == 0) return double.NaN;
        double[] sorted = [.. _values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }

    /// <summary>The median of round-by-round ratios. Both were measured side by side in each round, so what slows the whole machine cancels out.</summary>
    internal double RatioTo(Samples other)
    {
        var ratios = new Samples();
        for (int i = 0; i < Math.Min(_values.Count, other._values.Count); i++) ratios.Add(_values[i] / other._values[i]);
        return ratios.Median;
    }

    /// <summary>The median and what it wobbles by.</summary>
    internal string Show(string format = "N0") => string.Create(CultureInfo.InvariantCulture, $"{Median.ToString(format, CultureInfo.InvariantCulture)} ±{Spread * 100:F0}%");
}
