namespace HarborClient.Caching;

/// <summary>A kept answer to a question that means the same as a call's. A type of its own, so that other hits take no more memory for it.</summary>
/// <param name="answer">What was kept.</param>
/// <param name="level">Where it was found.</param>
/// <param name="similarity">How near the question is.</param>
internal sealed class SimilarHit(StoredAnswer answer, CacheLevel level, double similarity) : CacheHit(answer, level, isStale: false)
{
    internal override double? Similarity => similarity;
}
