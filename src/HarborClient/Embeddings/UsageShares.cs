using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>Shares the usage of one request out among its callers, by their estimated tokens. The shares add up to the whole, exactly.</summary>
internal static class UsageShares
{
    /// <summary>The same share of what the request cost; null where that is not known.</summary>
    internal static Money? Take(Money? whole, long before, long own, long all) => whole is { } cost ? new Money(UpTo(cost.NanoUsd, before + own, all) - UpTo(cost.NanoUsd, before, all)) : null;

    /// <summary>The share of who stands from <paramref name="before"/> to <paramref name="before"/> + <paramref name="own"/> of <paramref name="all"/>.</summary>
    internal static UsageDetails? Take(UsageDetails? whole, long before, long own, long all)
    {
        if (whole is null) return null;
        var share = new UsageDetails
        {
            InputTokenCount = Part(whole.InputTokenCount),
            OutputTokenCount = Part(whole.OutputTokenCount),
            TotalTokenCount = Part(whole.TotalTokenCount),
            CachedInputTokenCount = Part(whole.CachedInputTokenCount),
            ReasoningTokenCount = Part(whole.ReasoningTokenCount),
        };
        if (whole.AdditionalCounts is not { } counts) return share;
        share.AdditionalCounts = [];
        foreach ((string name, long count) in counts) share.AdditionalCounts[name] = Part(count)!.Value;
        return share;

        // What has been given out up to the end of this share, less what had been before it: the rounding errors cancel out.
        long? Part(long? count) => count is { } given ? UpTo(given, before + own, all) - UpTo(given, before, all) : null;
    }

    private static long UpTo(long given, long position, long all) => (long)((Int128)given * position / all);
}
