using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>A kept answer that answers a call. Immutable; calls that are answered with the same entry share it.</summary>
/// <param name="answer">What was kept.</param>
/// <param name="level">Where it was found.</param>
/// <param name="isStale">Whether it had expired, and serves because its provider is down.</param>
internal class CacheHit(StoredAnswer answer, CacheLevel level, bool isStale)
{
    // The answer's own is replaced when prices change; what a call was told stays.
    private readonly SavedCost? _saving = answer.Saving;

    internal StoredAnswer Answer => answer;

    internal CacheLevel Level => level;

    internal bool IsStale => isStale;

    /// <summary>How near the question is that it was the answer to; null where it is the same.</summary>
    internal virtual double? Similarity => null;

    /// <summary>What the answer used when it was made, and the call that it answers does not. A copy: whoever is given it may change it.</summary>
    internal UsageDetails? Saved => answer.Usage;

    /// <summary>What that would have cost when it was found; null where it is not known.</summary>
    internal Money? SavedCost => _saving?.Cost;

    /// <summary>What a call uses that asks nobody.</summary>
    internal static UsageDetails Nothing() => new() { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 };

    /// <summary>What is known of a hit that was told of in another process.</summary>
    internal static CacheHit Told(CacheLevel level, UsageDetails? usage = null, bool isStale = false, double? similarity = null, Money? savedCost = null)
    {
        var answer = new StoredAnswer { Provider = "", TargetModel = "", Usage = usage, Runs = [], Saving = savedCost is null ? null : new SavedCost(null, 0, savedCost) };
        return similarity is { } near ? new SimilarHit(answer, level, near) : new CacheHit(answer, level, isStale);
    }
}
