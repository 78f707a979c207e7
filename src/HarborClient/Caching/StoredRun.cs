using System.Text;

namespace HarborClient.Caching;

/// <summary>One piece of a stored answer: text, reasoning, or a tool call with its arguments. Immutable but for the text, which is made when it is first asked for.</summary>
/// <param name="kind">Text, Reasoning or ToolCall.</param>
/// <param name="utf8">The text, or the arguments of the tool call.</param>
/// <param name="value">
/// Beside text null or an array of <see cref="StoredAnnotation"/>; beside reasoning null or a string, the provider's protected form; of a tool call its <see cref="ToolCallHead"/>.
/// </param>
internal sealed class StoredRun(HarborUpdateKind kind, byte[] utf8, object? value)
{
    private string? _text;

    internal HarborUpdateKind Kind => kind;

    internal ReadOnlyMemory<byte> Utf8 => utf8;

    internal object? Value => value;

    /// <summary>The text, one string for all who ask. Two threads may make one each: they are equal.</summary>
    internal string Text => _text ??= Encoding.UTF8.GetString(utf8);
}
