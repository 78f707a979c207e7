namespace HarborClient.Limits;

/// <summary>
/// Holds second attempts to their shares of the calls and of what these cost: a bucket for each, which calls fill and hedges empty. Both begin empty, so that the
/// shares hold from the first call on. Thread-safe; allocates nothing.
/// </summary>
/// <param name="options">Validated, and not changed any more.</param>
internal sealed class HedgeBudget(HedgingOptions options)
{
    /// <summary>What calls may save up, in hedges: enough for a slow moment, too few to double the load of an outage with the savings of a quiet day.</summary>
    private const double MostSaved = 10;

    /// <summary>The calls whose mean cost stands for the cost of a hedge.</summary>
    private const int MeanOf = 100;

    // Guards all below.
    private readonly Lock _gate = new();
    private double _attempts;
    private double _spend;
    private double _meanCost;
    private int _calls;

    internal TimeSpan MinimumDelay => options.MinimumDelay;

    /// <summary>A call has begun that could be hedged.</summary>
    internal void OnCall()
    {
        lock (_gate) _attempts = Math.Min(MostSaved, _attempts + options.MaximumExtraAttempts);
    }

    /// <summary>It has ended, and cost this much.</summary>
    internal void OnSpent(double cost)
    {
        lock (_gate)
        {
            // A true mean until there are as many as it counts.
            _calls = Math.Min(MeanOf, _calls + 1);
            _meanCost += (cost - _meanCost) / _calls;
            _spend = Math.Min(MostSaved * _meanCost, _spend + (options.MaximumExtraSpend * cost));
        }
    }

    /// <summary>Why a hedge of this cost is not paid for; null when it would be.</summary>
    internal string? WhyNot(double cost)
    {
        lock (_gate) return Lacking(cost);
    }

    /// <summary>Pays for a hedge.</summary>
    /// <returns>Null; why not, when there is not enough for it.</returns>
    internal string? Take(double cost)
    {
        lock (_gate)
        {
            if (Lacking(cost) is { } lacking) return lacking;
            _attempts -= 1;
            _spend -= cost;
            return null;
        }
    }

    private string? Lacking(double cost) =>
        _attempts < 1 ? "Hedging.MaximumExtraAttempts is used up" : _spend < cost ? "Hedging.MaximumExtraSpend is used up" : null;
}
