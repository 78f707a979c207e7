using System.Globalization;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>One figure of each round.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    internal int Count => _values.Count;

    /// <summary>The figure of one round.</summary>
    internal double this[int round] => _values[round];

    internal double Median => Quantile(0.5);

    /// <summary>Half of the distance between the quartiles, as a share of the median: what a figure wobbles by.</summary>
    internal double Spread => Median == 0 ? 0 : (Quantile(0.75) - Quantile(0.25)) / 2 / Median;

    internal static Samples Of(params IEnumerable<double> values)
    {
        var samples = new Samples();
        samples._values.AddRange(values);
        return samples;
    }

    /// <summary>The rounds of several passes as one.</summary>
    internal static Samples Of(IEnumerable<Samples> passes) => Of(passes.SelectMany(pass => pass._values));

    internal void Add(double value) => _values.Add(value);

    internal void Clear() => _values.Clear();

    internal double Quantile(double share)
    {
        if (_values.Count == 0) return double.NaN;
        double[] sorted = [.. _values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }

    /// <summary>Ratios round by round. Both were measured side by side in each round, so what slows the whole machine cancels out.</summary>
    internal Samples Over(Samples other) => Of(_values.Zip(other._values, (own, others) => own / others));

    /// <summary>What is above the other's median, round by round.</summary>
    internal Samples Above(Samples other)
    {
        double median = other.Median;
        return Each(value => value - median);
    }

    internal Samples Each(Func<double, double> change) => Of(_values.Select(change));

    /// <summary>The median of the ratios.</summary>
    internal double RatioTo(Samples other) => Over(other).Median;

    /// <summary>The median and what it wobbles by.</summary>
    internal string Show(string format = "N0") => string.Create(CultureInfo.InvariantCulture, $"{Median.ToString(format, CultureInfo.InvariantCulture)} ±{Spread * 100:F0}%");
}
