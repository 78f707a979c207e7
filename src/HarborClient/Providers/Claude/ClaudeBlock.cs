using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>A block that has started and not stopped.</summary>
internal sealed class ClaudeBlock(long index, ClaudeBlockKind kind)
{
    internal long Index { get; } = index;

    internal ClaudeBlockKind Kind { get; } = kind;

    /// <summary>Thinking: its signature, which replaces an earlier one and is shown when the block stops.</summary>
    internal string? Signature { get; set; }

    /// <summary>Text: its citations, shown when the block stops, because they come before, between and after the pieces.</summary>
    internal List<AIAnnotation>? Citations { get; set; }

    /// <summary>Tool use: the number of the call.</summary>
    internal int Call { get; init; }

    /// <summary>Tool use: the input that came with the start; it counts where no piece follows.</summary>
    internal ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Tool use: whether a piece of its input has come.</summary>
    internal bool HasPieces { get; set; }

    /// <summary>Other: what is put together of it.</summary>
    internal ClaudeRawBlock? Raw { get; init; }
}
