namespace HarborClient.Limits;

/// <summary>What calls have put aside for hedges, in one unit. Not thread-safe: its owner holds a lock.</summary>
internal struct HedgeSavings
{
    /// <summary>What calls may save up, in mean calls: enough for a slow moment, too few to double the load of an outage with the savings of a quiet day.</summary>
    internal const double Most = 10;

    /// <summary>The calls whose mean cost stands for the cost of a hedge.</summary>
    private const int MeanOf = 100;

    private double _saved;
    private double _mean;
    private int _calls;

    internal void Add(double cost, double share)
    {
        // A true mean until there are as many as it counts.
        _calls = Math.Min(MeanOf, _calls + 1);
        _mean += (cost - _mean) / _calls;
        _saved = Math.Min(Most * _mean, _saved + (share * cost));
    }

    internal readonly bool Cover(double cost) => _saved >= cost;

    internal void Take(double cost) => _saved = Math.Max(0, _saved - cost);
}
