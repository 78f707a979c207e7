using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HarborClient.Providers;

/// <summary>What an error body says, whatever its shape.</summary>
internal readonly struct ErrorFacts
{
    private const string NoDetails = "(no details)";

    internal string Message { get; private init; }

    internal string? Type { get; private init; }

    internal string? Code { get; private init; }

    internal string? RequestId { get; private init; }

    /// <summary>The code where it is a number that looks like an HTTP status.</summary>
    internal int? NumericCode { get; private init; }

    /// <summary>The same facts with the code of a dialect that keeps it elsewhere; null changes nothing.</summary>
    internal ErrorFacts WithCode(string? code) => this with { Code = code ?? Code };

    /// <summary>Takes the facts out of a body, which may be anything.</summary>
    internal static ErrorFacts From(ReadOnlySpan<byte> body)
    {
        JsonDocument? document = ParseOrNull(body);
        if (document is null) return new ErrorFacts { Message = RawText(body) };
        try
        {
            return From(document, RawText(body));
        }
        catch (InvalidOperationException)
        {
            // A name that cannot be unescaped: the status and the raw text are what there is.
            return new ErrorFacts { Message = RawText(body) };
        }
        finally
        {
            document.Dispose();
        }
    }

    private static ErrorFacts From(JsonDocument document, string whole)
    {
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0) root = root[0];
        if (root.ValueKind != JsonValueKind.Object) return new ErrorFacts { Message = whole };
        JsonElement error = root;
        if (root.TryGetProperty("error", out JsonElement inner) && inner.ValueKind != JsonValueKind.Null) error = inner;
        if (error.ValueKind != JsonValueKind.Object)
        {
            // xAI: {"code": text, "error": text}.
            return new ErrorFacts { Message = TextOf(error, NoDetails) ?? whole, Code = Member(root, "code"), RequestId = Member(root, "request_id") };
        }

        string? code = Member(error, "code");
        return new ErrorFacts
        {
            Message = Member(error, "message") ?? Member(error, "detail") ?? Member(error, "msg") ?? whole,
            Type = Member(error, "type"),
            Code = code,
            RequestId = Member(root, "request_id"),
            NumericCode = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 400 and <= 599 ? number : null,
        };
    }

    /// <summary>A member of an object as text, whatever it is; never throws over what cannot be unescaped.</summary>
    internal static string? Member(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) ? TextOf(value, NoDetails) : null;

    /// <summary>A value as text, whatever its kind; a text that cannot be unescaped shows U+FFFD. Null for null.</summary>
    internal static string? TextOf(JsonElement value, string whenEmpty = "") => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => RawText(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value)[1..^1], whenEmpty),
        _ => Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value)),
    };

    private static string RawText(ReadOnlySpan<byte> body, string whenEmpty = NoDetails)
    {
        var buffer = new Pools.PooledBuffer(new Pools.ResourceCounters(), Math.Max(1, body.Length));
        try
        {
            JsonText.Unescape(body, buffer);
            return buffer.Length == 0 ? whenEmpty : Encoding.UTF8.GetString(buffer.Span);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>The body as JSON; null for a proxy's HTML page, a cut body, nothing at all. The caller disposes it.</summary>
    internal static JsonDocument? ParseOrNull(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 32 });
            return JsonDocument.ParseValue(ref json);
        }
        catch (JsonException)
        {
            // The facts come from the status and the raw text.
            return null;
        }
    }
}
