using HarborClient.Caching;

namespace HarborClient.Pipeline;

/// <summary>The same of a call whose question was looked up by what it means too. A type of its own, so that other calls take no more memory for it. Immutable.</summary>
/// <param name="Exact">What the cache stage knows.</param>
/// <param name="Question">By which similar questions are to find the answer.</param>
internal sealed record SemanticUse(CacheUse Exact, Question Question) : CacheUse(Exact);
