using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>What GetStreamingResponseAsync returns for a call with tools: each enumeration is a new call.</summary>
internal sealed class ToolUpdateStream(ToolLoop loop, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken token) : IAsyncEnumerable<ChatResponseUpdate>
{
    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new ToolUpdateEdge(loop, () => loop.BeginRun(messages, options, isStreaming: true), token, cancellationToken);
}
