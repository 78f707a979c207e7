using HarborClient.Caching;

namespace HarborClient;

/// <content>Answers to questions that mean the same.</content>
public sealed partial class ResponseCache
{
    /// <summary>Null where only the same question has the same answer.</summary>
    internal SemanticIndex? Questions { get; init; }

    /// <summary>The answer to the nearest question, unless one nearly as near has another.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="threshold">The least similarity.</param>
    /// <param name="margin">By how much the nearest must be nearer than any with another answer.</param>
    /// <param name="asksBelow">Whether the levels below are asked for answers that have left the memory.</param>
    internal async ValueTask<CacheHit?> FindSimilarAsync(Question question, double threshold, double margin, bool asksBelow)
    {
        CacheHit? nearest = null;
        double similarity = 0;
        foreach (SemanticMatch match in Questions!.Search(question.Context, question.Vector, question.Guard, threshold - margin))
        {
            if (nearest is null ? match.Similarity < threshold : match.Similarity <= similarity - margin) break;
            if (await FindAsync(match.Entry, asksBelow).ConfigureAwait(false) is not { } hit) continue;
            if (nearest is not null && !hit.Answer.SaysLike(nearest.Answer)) return null;
            if (nearest is not null) continue;
            (nearest, similarity) = (hit, match.Similarity);
        }

        if (nearest is null) return null;
        _counters.HitSimilar(nearest.Level, nearest.Answer, SavedBy(nearest.Answer));
        return new SimilarHit(nearest.Answer, nearest.Level, similarity);
    }

    /// <summary>From now on an answer that is kept serves similar questions too.</summary>
    internal void Keep(Question question, in CacheKey context, in CacheKey key, string space, string? name) =>
        Questions?.Add(context, question.Vector, new SemanticEntry(key, space, name, question.Guard));

    private async ValueTask<CacheHit?> FindAsync(SemanticEntry entry, bool asksBelow)
    {
        if (_memory.TryGet(entry.Key, out MemoryItem? item) && item.Value is StoredAnswer answer) return answer.InMemory;
        if (entry.Name is not null && asksBelow && await TakeOverAsync(entry.Key, entry.Name, entry.Space, skipsDue: false).ConfigureAwait(false) is { } fetched) return fetched;
        if (entry.Name is null || asksBelow) Questions!.Remove(entry);
        return null;
    }
}
