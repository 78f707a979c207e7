using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HarborClient.Providers;

// Hot path: the arguments of every call in a request, and the results that are no texts.

/// <summary>Where a value becomes JSON before that JSON becomes a text of a request.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A writer over a buffer holds nothing that has to be freed.")]
internal sealed class ScratchJson
{
    /// <summary>More than this is not kept.</summary>
    private const int MaxKeptBytes = 64 << 10;

    private readonly Utf8JsonWriter _json;
    private ArrayBufferWriter<byte> _text = new();

    internal ScratchJson() => _json = new Utf8JsonWriter(_text, RequestJson.WriterOptions);

    /// <summary>The value as JSON; it is valid until the next call of any kind.</summary>
    internal ReadOnlySpan<byte> Write(object value, JsonTypeInfo type)
    {
        // What a value that could not be written left here.
        Clear();
        _json.Reset(_text);
        JsonSerializer.Serialize(_json, value, type);
        _json.Flush();
        return _text.WrittenSpan;
    }

    internal void Clear()
    {
        if (_text.Capacity > MaxKeptBytes) _text = new ArrayBufferWriter<byte>();
        else _text.Clear();
    }
}
