namespace HarborClient.Routing;

// Hot path: once per call of a balanced alias. Only the first target is chosen; the lists are made once.

/// <summary>Chooses which target of a balanced alias a call asks first. The others follow: those of the preferred region first, canaries last. Thread-safe.</summary>
internal sealed class TargetOrder
{
    /// <summary>The share of calls that look at targets which are not the fastest known.</summary>
    private const double ExploringShare = 0.05;

    private readonly Variant[] _variants;
    private readonly LoadBalancing _balancing;
    private readonly bool _isStickyByUser;
    private readonly bool _hasRegion;

    private TargetOrder(Variant[] variants, LoadBalancing balancing, bool isStickyByUser)
    {
        _variants = variants;
        _balancing = balancing;
        _isStickyByUser = isStickyByUser;
        _hasRegion = variants.Any(variant => variant is { IsNear: true, Share: > 0 }) && variants.Any(variant => !variant.IsNear);
    }

    /// <summary>The share of the calls that go to each target first, in the order of the targets.</summary>
    internal IEnumerable<(Target Target, double Share)> Shares => _variants.Select(variant => (variant.Target, variant.Share));

    /// <summary>Makes the order of an alias; null where its targets are asked in one order, which <paramref name="sorted"/> is.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="definitions">How each was written down. Weights are at least 0 and not all 0; canaries' shares stay below 1 together.</param>
    /// <param name="alias">The rest of what was written down.</param>
    /// <param name="sorted">The targets in the order of preference.</param>
    internal static TargetOrder? Create(IReadOnlyList<Target> targets, IReadOnlyList<TargetDefinition> definitions, AliasDefinition alias, out IReadOnlyList<Target> sorted)
    {
        int[] places = [.. Enumerable.Range(0, targets.Count).OrderBy(i => definitions[i].IsCanary).ThenBy(i => !IsNear(definitions[i], alias))];
        sorted = [.. places.Select(i => targets[i])];
        double canaries = definitions.Where(definition => definition.IsCanary).Sum(definition => definition.Weight);
        if (targets.Count == 1 || (alias.Balancing is null && canaries == 0)) return null;

        // Beside canaries, targets without weights stay in their order: the first has all that is left.
        double[] weights = [.. places.Select((place, i) => definitions[place].IsCanary || (alias.Balancing is null && i > 0) ? 0 : definitions[place].Weight)];
        double sum = weights.Sum();
        var variants = new Variant[places.Length];
        for (int i = 0; i < variants.Length; i++)
        {
            TargetDefinition definition = definitions[places[i]];
            Target first = sorted[i];
            variants[i] = new Variant(
                first,
                [first, .. sorted.Where(target => !ReferenceEquals(target, first))],
                definition.IsCanary ? definition.Weight : weights[i] / sum * (1 - canaries),
                IsNear(definition, alias),
                definition.IsCanary,
                StableHash.Of(first.Name));
        }

        return new TargetOrder(variants, alias.Balancing ?? LoadBalancing.Weighted, alias.IsStickyByUser);
    }

    /// <summary>The targets of one call, the chosen one first.</summary>
    /// <param name="user">Whose call it is.</param>
    /// <param name="affinity">Calls with the same value ask the same target first.</param>
    /// <param name="random">Draws from 0 to below 1.</param>
    internal IReadOnlyList<Target> For(string? user, string? affinity, Func<double> random)
    {
        bool onlyNear = _hasRegion && IsAnyNearUsable();
        string? key = _isStickyByUser ? user ?? affinity : affinity;
        if (!string.IsNullOrEmpty(key)) return Stick(key, onlyNear).Order;
        int drawn = Draw(random(), onlyNear);
        if (_balancing == LoadBalancing.Weighted || _variants[drawn].IsCanary) return _variants[drawn].Order;
        if (_balancing == LoadBalancing.Latency && random() < ExploringShare) return _variants[drawn].Order;
        return LeastCost(drawn, onlyNear).Order;
    }

    private static bool IsNear(TargetDefinition definition, AliasDefinition alias) =>
        alias.PreferredRegion is { } region && string.Equals(definition.Region, region, StringComparison.OrdinalIgnoreCase);

    private bool IsAnyNearUsable()
    {
        foreach (Variant variant in _variants)
        {
            if (variant is { IsNear: true, Share: > 0 } && variant.Target.Health.IsReady) return true;
        }

        return false;
    }

    private int Draw(double chance, bool onlyNear)
    {
        double sum = 0;
        foreach (Variant variant in _variants) sum += variant.ShareIn(onlyNear);
        double left = chance * sum;
        int last = 0;
        for (int i = 0; i < _variants.Length; i++)
        {
            double share = _variants[i].ShareIn(onlyNear);
            if (share <= 0) continue;
            last = i;
            left -= share;
            if (left < 0) break;
        }

        return last;
    }

    /// <summary>Weighted rendezvous hashing: every target draws a lot for the key, and a change of one weight moves only the keys that it has to.</summary>
    private Variant Stick(string key, bool onlyNear)
    {
        ulong hash = StableHash.Of(key);
        Variant best = _variants[0];
        double shortest = double.PositiveInfinity;
        foreach (Variant variant in _variants)
        {
            if (variant.ShareIn(onlyNear) is not (> 0 and var share)) continue;
            double lot = -Math.Log(StableHash.Between(hash, variant.Hash)) / share;
            if (lot >= shortest) continue;
            best = variant;
            shortest = lot;
        }

        return best;
    }

    /// <summary>The usable target with the least cost. Equals go to the drawn one first.</summary>
    private Variant LeastCost(int drawn, bool onlyNear)
    {
        double unknown = _balancing == LoadBalancing.Latency ? ShortestMean() : 0;
        Variant best = _variants[drawn];
        double least = double.PositiveInfinity;
        for (int i = 0; i < _variants.Length; i++)
        {
            Variant variant = _variants[(drawn + i) % _variants.Length];
            if (variant.IsCanary || variant.ShareIn(onlyNear) is not (> 0 and var share) || !variant.Target.Health.IsReady) continue;
            TargetHealth health = variant.Target.Health;
            double load = _balancing == LoadBalancing.LeastOutstanding ? health.InFlight : (health.Figures.MeanDuration?.TotalSeconds ?? unknown) * (health.InFlight + 1);
            double cost = load / share;
            if (cost >= least) continue;
            best = variant;
            least = cost;
        }

        return best;
    }

    /// <summary>A target that has answered nothing yet is taken for as fast as the fastest.</summary>
    private double ShortestMean()
    {
        double shortest = double.PositiveInfinity;
        foreach (Variant variant in _variants)
        {
            if (variant.Target.Health.Figures.MeanDuration is { } mean) shortest = Math.Min(shortest, mean.TotalSeconds);
        }

        return double.IsInfinity(shortest) ? 1 : shortest;
    }

    private sealed record Variant(Target Target, Target[] Order, double Share, bool IsNear, bool IsCanary, ulong Hash)
    {
        internal double ShareIn(bool onlyNear) => onlyNear && !IsNear && !IsCanary ? 0 : Share;
    }
}
