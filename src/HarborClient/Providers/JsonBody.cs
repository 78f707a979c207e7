using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

// Hot path: one per attempt, and nearly all bytes of a long request.

/// <summary>
/// A request body and the JSON writer over it. What makes requests long goes past the writer, straight into the body and in pieces: the writer would escape
/// texts character by character, ask for three bytes for each, and want data as one piece.
/// </summary>
/// <remarks>
/// A text that is written past the writer is a segment of one of its strings: the writer is told of its begin and end, and is flushed in between.
/// Each thread keeps one; whoever opens it disposes it, and whoever opens a second one meanwhile (a converter of the caller's may) gets a new one.
/// </remarks>
internal sealed class JsonBody : IDisposable
{
    /// <summary>Shorter texts are no dearer through the writer (measured; they cost the same at about 40).</summary>
    private const int ShortText = 48;

    /// <summary>A body that nobody owns: what a kept writer stands over, so that it keeps no request alive.</summary>
    private static readonly ArrayBufferWriter<byte> Nowhere = new();

    [ThreadStatic]
    private static JsonBody? _kept;

    private IBufferWriter<byte> _body;
    private ScratchJson? _scratch;
    private long _past;
    private char _half;

    private JsonBody(IBufferWriter<byte> body)
    {
        _body = body;
        Json = new Utf8JsonWriter(body, RequestJson.WriterOptions);
    }

    /// <summary>For everything that is short.</summary>
    internal Utf8JsonWriter Json { get; }

    /// <summary>How much has been written so far.</summary>
    internal long BytesWritten => Json.BytesCommitted + Json.BytesPending + _past;

    internal static JsonBody Over(IBufferWriter<byte> body)
    {
        if (_kept is not { } json) return new JsonBody(body);
        _kept = null;
        json._body = body;
        json._past = 0;
        json._half = '\0';
        json.Json.Reset(body);
        return json;
    }

    public void Dispose()
    {
        Json.Flush();
        Json.Reset(Nowhere);
        _body = Nowhere;
        _kept = this;
    }

    /// <summary>Writes a member whose value is a text, or null.</summary>
    internal void WriteText(ReadOnlySpan<byte> name, string? text)
    {
        if (text is null || text.Length < ShortText)
        {
            Json.WriteString(name, text);
            return;
        }

        BeginText(name);
        Append(text);
        EndText();
    }

    /// <summary>Writes a member whose value is a text that is JSON already, as results of functions are; false where it may have escapes of surrogates, which may lack their other half, or is no UTF-8, which readers of JSON let pass.</summary>
    internal bool TryWriteText(ReadOnlySpan<byte> name, JsonElement text)
    {
        ReadOnlySpan<byte> quoted = JsonMarshal.GetRawUtf8Value(text);
        if (quoted.IndexOf("\\ud"u8) >= 0 || quoted.IndexOf("\\uD"u8) >= 0 || !Utf8.IsValid(quoted)) return false;
        BeginText(name);
        _body.Write(quoted[1..^1]);
        _past += quoted.Length - 2;
        EndText();
        return true;
    }

    /// <summary>Writes an element of an array that is a text.</summary>
    internal void WriteTextValue(string text)
    {
        BeginTextValue();
        Append(text);
        EndText();
    }

    /// <summary>Writes a member whose value is data in base64.</summary>
    internal void WriteBase64(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        BeginText(name);
        AppendBase64(data);
        EndText();
    }

    /// <summary>Writes a member whose value is data as an address that holds it.</summary>
    internal void WriteDataUri(ReadOnlySpan<byte> name, DataContent data) => WriteDataUri(name, data.MediaType, data.Data.Span);

    /// <summary>The same with another media type.</summary>
    internal void WriteDataUri(ReadOnlySpan<byte> name, string mediaType, ReadOnlySpan<byte> data)
    {
        BeginText(name);
        Append("data:"u8);
        Append(mediaType);
        Append(";base64,"u8);
        AppendBase64(data);
        EndText();
    }

    /// <summary>Begins a member whose value is a text, of as many pieces as there are until <see cref="EndText"/>.</summary>
    internal void BeginText(ReadOnlySpan<byte> name)
    {
        Json.WritePropertyName(name);
        BeginTextValue();
    }

    internal void Append(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return;
        if (_half != '\0' && char.IsLowSurrogate(text[0]))
        {
            _past += JsonEscape.Write(_body, [_half, text[0]]);
            _half = '\0';
            text = text[1..];
            if (text.IsEmpty) return;
        }

        WriteHalf();

        // The other half may begin the next piece.
        if (char.IsHighSurrogate(text[^1]))
        {
            _half = text[^1];
            text = text[..^1];
        }

        _past += JsonEscape.Write(_body, text);
    }

    /// <summary>A piece that is already UTF-8.</summary>
    internal void Append(ReadOnlySpan<byte> text) => _past += JsonEscape.Write(_body, text);

    internal void EndText()
    {
        WriteHalf();
        Json.WriteStringValueSegment(""u8, isFinalSegment: true);
    }

    /// <summary>Writes a member whose value is a text that is itself JSON, as the models' arguments are.</summary>
    internal void WriteJsonText(ReadOnlySpan<byte> name, object value, JsonTypeInfo type)
    {
        ReadOnlySpan<byte> text = (_scratch ??= new ScratchJson()).Write(value, type);
        BeginText(name);
        Append(text);
        EndText();
        _scratch.Clear();
    }

    private void BeginTextValue()
    {
        Json.WriteStringValueSegment(""u8, isFinalSegment: false);
        Json.Flush();
    }

    /// <summary>A half without its other one, which becomes U+FFFD.</summary>
    private void WriteHalf()
    {
        if (_half == '\0') return;
        _past += JsonEscape.Write(_body, [_half]);
        _half = '\0';
    }

    private void AppendBase64(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            // Four bytes are the least that base64 needs to go on.
            Span<byte> free = _body.GetSpan(4);
            OperationStatus status = Base64.EncodeToUtf8(data, free, out int read, out int written);
            _body.Advance(written);
            _past += written;
            data = data[read..];
            if (status == OperationStatus.Done) return;
        }
    }
}
