using System.Text;

namespace HarborClient.Caching;

/// <summary>One piece of a stored answer: text, reasoning, or a tool call with its arguments. Immutable, but that its text is made of its bytes, and they of it, when first asked for.</summary>
internal sealed class StoredRun
{
    // One of them is there from the beginning. Two threads may make the other: they are equal.
    private byte[]? _utf8;
    private string? _text;

    /// <param name="kind">Text, Reasoning or ToolCall.</param>
    /// <param name="utf8">The text, or the arguments of the tool call.</param>
    /// <param name="value">
    /// Beside text null or an array of <see cref="StoredAnnotation"/>; beside reasoning null or a string, the provider's protected form; of a tool call its <see cref="ToolCallHead"/>.
    /// </param>
    internal StoredRun(HarborUpdateKind kind, byte[] utf8, object? value) => (Kind, _utf8, Value) = (kind, utf8, value);

    /// <inheritdoc cref="StoredRun(HarborUpdateKind, byte[], object)"/>
    /// <param name="kind">Text, Reasoning or ToolCall.</param>
    /// <param name="text">The same as a string that somebody else holds anyway.</param>
    /// <param name="value">As above.</param>
    internal StoredRun(HarborUpdateKind kind, string text, object? value) => (Kind, _text, Value) = (kind, text, value);

    internal HarborUpdateKind Kind { get; }

    internal object? Value { get; }

    /// <summary>The longer of the two forms, or what the one that is there will come to; in bytes of memory.</summary>
    internal long Bytes => _text is { } text ? 2L * text.Length : 3L * _utf8!.Length;

    internal ReadOnlyMemory<byte> Utf8 => _utf8 ??= Encoding.UTF8.GetBytes(_text!);

    /// <summary>The text, one string for all who ask.</summary>
    internal string Text => _text ??= Encoding.UTF8.GetString(_utf8!);
}
