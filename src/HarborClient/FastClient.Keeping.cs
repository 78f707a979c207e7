using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Calls that the cache has made.</content>
public sealed partial class FastClient
{
    private async Task AskToKeepAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallPriority priority, bool isNew, TimeSpan? ttl, CancellationToken cancellationToken)
    {
        (Call call, PipelineStage pipeline) = _calls.BeginKept(messages, options, priority, isNew, ttl, cancellationToken);
        await PlainEdge.RunChatAsync(call, pipeline).ConfigureAwait(false);
        if (call is { Hit: null, Shared: null, CacheUse: null }) throw ErrorFactory.WasNotKept(call.RequestedModel);
    }
}
