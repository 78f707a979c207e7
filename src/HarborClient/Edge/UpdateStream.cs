using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>What GetStreamingResponseAsync returns: each enumeration is a new call.</summary>
internal sealed class UpdateStream(Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token) : IAsyncEnumerable<ChatResponseUpdate>
{
    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new UpdateEdge(begin, token, cancellationToken);
}
