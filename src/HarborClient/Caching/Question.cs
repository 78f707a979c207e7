namespace HarborClient.Caching;

/// <summary>A question that was looked up by what it means. Immutable.</summary>
/// <param name="Context">What it shares with the questions that it may answer, at the target that is asked.</param>
/// <param name="Vector">Its embedding.</param>
/// <param name="Guard">What must be the same.</param>
internal sealed record Question(CacheKey Context, QuestionVector Vector, QuestionGuard Guard);
