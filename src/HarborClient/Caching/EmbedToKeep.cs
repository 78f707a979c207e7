using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>Has texts embedded so that the embeddings are kept: how the cache, which knows no call, asks.</summary>
/// <param name="texts">The texts.</param>
/// <param name="options">Model and settings.</param>
/// <param name="priority">Where the options say none.</param>
/// <param name="isNew">Whether all are asked for, even those that are kept.</param>
/// <param name="ttl">How long the embeddings are kept, where the options do not say.</param>
/// <param name="cancellationToken">Cancels the calls.</param>
internal delegate Task EmbedToKeep(IReadOnlyList<string> texts, EmbeddingGenerationOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken);
