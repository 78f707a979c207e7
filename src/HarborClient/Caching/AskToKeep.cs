using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>Has a chat answered so that the answer is kept: how the cache, which knows no call, asks.</summary>
/// <param name="messages">The conversation.</param>
/// <param name="options">Model and settings.</param>
/// <param name="priority">Where the options say none.</param>
/// <param name="isNew">Whether it is asked even where an answer is kept.</param>
/// <param name="ttl">How long the answer is kept, where the options do not say.</param>
/// <param name="cancellationToken">Cancels the call.</param>
internal delegate Task AskToKeep(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken);
