namespace HarborClient;

// Hot path: one per event of a stream; a struct, so that nothing is allocated until the public edge.

/// <summary>One piece of an answer on its way through the pipeline.</summary>
/// <remarks><see cref="Utf8"/> is valid until the reader's next read: who keeps it, copies it.</remarks>
public readonly struct HarborUpdate
{
    /// <summary>Creates an update that carries text.</summary>
    /// <param name="kind">What the text is.</param>
    /// <param name="utf8">The text as UTF-8; invalid sequences are shown as U+FFFD.</param>
    /// <param name="index">Which tool call a fragment belongs to, counted from 0; otherwise 0.</param>
    /// <param name="value">What comes with it.</param>
    public HarborUpdate(HarborUpdateKind kind, ReadOnlyMemory<byte> utf8, int index = 0, object? value = null)
    {
        Kind = kind;
        Utf8 = utf8;
        Index = index;
        Value = value;
    }

    /// <summary>Creates an update that carries an object.</summary>
    /// <param name="kind">What the object is.</param>
    /// <param name="value">The object.</param>
    public HarborUpdate(HarborUpdateKind kind, object value) : this(kind, default, 0, value)
    {
    }

    /// <summary>What it carries.</summary>
    public HarborUpdateKind Kind { get; }

    /// <summary>Which tool call a fragment or an end belongs to, counted from 0.</summary>
    public int Index { get; }

    /// <summary>Text as UTF-8, valid until the next read.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>What comes with it; see <see cref="HarborUpdateKind"/>.</summary>
    public object? Value { get; }

    /// <summary>Whether it is a part of the answer that a caller waits for: text, reasoning, refusal, a tool call, other content or a payload.</summary>
    public bool IsContent => Kind is HarborUpdateKind.Text or HarborUpdateKind.Reasoning or HarborUpdateKind.Refusal
        or HarborUpdateKind.ToolCall or HarborUpdateKind.Content or HarborUpdateKind.Payload;
}
