using HarborClient.Caching;

namespace HarborClient.Pipeline;

/// <summary>How questions are looked up by what they mean.</summary>
/// <param name="Options">Validated.</param>
/// <param name="Embedder">Embeds them.</param>
/// <param name="Breaker">Whether it is asked.</param>
internal sealed record SemanticSetup(SemanticCacheOptions Options, IQuestionEmbedder Embedder, LevelBreaker Breaker);
