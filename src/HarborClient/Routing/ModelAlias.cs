using HarborClient.Limits;

namespace HarborClient.Routing;

/// <summary>A name for a list of targets. Immutable.</summary>
/// <param name="Targets">In order of preference.</param>
/// <param name="Defaults">Settings of its calls that do not set them themselves.</param>
/// <param name="IsOneEmbeddingModel">Whether vectors of its targets can be compared.</param>
internal sealed record ModelAlias(IReadOnlyList<Target> Targets, HarborChatOptions? Defaults, bool IsOneEmbeddingModel = true)
{
    /// <summary>Null where every call asks the targets in their order.</summary>
    internal TargetOrder? Order { get; init; }

    /// <summary>Asked besides, by their share of the calls; nobody sees their answers.</summary>
    internal ShadowTarget[] Shadows { get; init; } = [];

    /// <summary>Whether a user, or else an affinity, decides what is drawn for a call.</summary>
    internal bool IsStickyByUser { get; init; }

    /// <summary>Whether the next target is asked where the policy of one refuses the content.</summary>
    internal bool FailsOverOnContentFilter { get; init; }

    /// <summary>Whether its calls may not leave own hosts, for whatever purpose.</summary>
    internal bool IsLocalOnly { get; init; }

    /// <summary>What second attempts of its calls are paid from; null where it is not hedged.</summary>
    internal HedgeBudget? Hedging { get; init; }

    /// <summary>The targets of one call, in the order in which they are asked. Allocates nothing.</summary>
    internal IReadOnlyList<Target> TargetsFor(string? user, string? affinity, Func<double> random) => Order?.For(user, affinity, random) ?? Targets;
}
