namespace HarborClient.Limits;

/// <summary>
/// Holds second attempts to their shares of the calls and of what these cost: a bucket for each, which calls fill and hedges empty. Both begin empty, so that the
/// shares hold from the first call on. What is known in money is paid in money, and all else in tokens. Thread-safe; allocates nothing.
/// </summary>
/// <param name="options">Validated, and not changed any more.</param>
internal sealed class HedgeBudget(HedgingOptions options)
{
    // Guards all below.
    private readonly Lock _gate = new();
    private double _attempts;
    private HedgeSavings _tokens;
    private HedgeSavings _money;

    internal TimeSpan MinimumDelay => options.MinimumDelay;

    /// <summary>A call has begun that could be hedged.</summary>
    internal void OnCall()
    {
        lock (_gate) _attempts = Math.Min(HedgeSavings.Most, _attempts + options.MaximumExtraAttempts);
    }

    /// <summary>It has ended, and cost this much.</summary>
    internal void OnSpent(in HedgeSpend cost)
    {
        lock (_gate)
        {
            _tokens.Add(cost.Tokens, options.MaximumExtraSpend);
            if (cost.NanoUsd is { } money) _money.Add(money, options.MaximumExtraSpend);
        }
    }

    /// <summary>Why a hedge of this cost is not paid for; null when it would be.</summary>
    internal string? WhyNot(in HedgeSpend cost)
    {
        lock (_gate) return Lacking(cost);
    }

    /// <summary>Pays for a hedge.</summary>
    /// <returns>Null; why not, when there is not enough for it.</returns>
    internal string? Take(in HedgeSpend cost)
    {
        lock (_gate)
        {
            if (Lacking(cost) is { } lacking) return lacking;
            _attempts -= 1;
            _tokens.Take(cost.Tokens);
            if (cost.NanoUsd is { } money) _money.Take(money);
            return null;
        }
    }

    private string? Lacking(in HedgeSpend cost)
    {
        if (_attempts < 1) return "Hedging.MaximumExtraAttempts is used up";
        bool isPaid = cost.NanoUsd is { } money ? _money.Cover(money) : _tokens.Cover(cost.Tokens);
        return isPaid ? null : "Hedging.MaximumExtraSpend is used up";
    }
}
