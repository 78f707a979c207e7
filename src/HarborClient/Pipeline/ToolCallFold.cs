using HarborClient.Pools;

namespace HarborClient.Pipeline;

/// <summary>One tool call as far as it has arrived.</summary>
internal sealed class ToolCallFold(ToolCallHead head, PooledBuffer arguments)
{
    /// <summary>Replaced once when the name comes later than the first fragment.</summary>
    internal ToolCallHead Head { get; set; } = head;

    /// <summary>Whether the dialect said that nothing more of it follows.</summary>
    internal bool IsComplete { get; set; }

    // Owner: the fold.
    internal PooledBuffer Arguments { get; } = arguments;
}
