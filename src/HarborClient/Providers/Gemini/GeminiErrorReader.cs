using System.Globalization;
using System.Net;
using System.Text.Json;

namespace HarborClient.Providers.Gemini;

/// <summary>Turns an error of Google's, alone, in a list or inside an answer, into a <see cref="HarborException"/>. Its code is the status word.</summary>
internal static class GeminiErrorReader
{
    internal static HarborException Read(string provider, Uri address, HttpStatusCode status, string? requestId, RetryHints hints, ReadOnlySpan<byte> body) =>
        Build(body, provider, address, status, requestId, hints);

    /// <summary>From the property name <c>error</c> of an answer with status 200: null is none; anything else ends the answer.</summary>
    internal static void ThrowIfError(ref Utf8JsonReader json, ReadOnlyMemory<byte> data)
    {
        json.Read();
        int start = (int)json.TokenStartIndex;
        bool isError = json.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        json.Skip();
        if (isError) throw Build(data.Span[start..(int)json.BytesConsumed], null, null, null, null, default);
    }

    private static HarborException Build(ReadOnlySpan<byte> body, string? provider, Uri? address, HttpStatusCode? status, string? requestId, RetryHints hints)
    {
        GeminiErrorDetails details = GeminiErrorDetails.From(body);
        ErrorFacts facts = ErrorFacts.From(body).WithCode(details.Status);
        int number = status is { } answered and not HttpStatusCode.OK ? (int)answered : details.Code ?? GeminiErrorKinds.NumberOf(details.Status);
        ErrorKind kind = GeminiErrorKinds.KindOf(number, details, facts.Message);
        bool isTransient = hints.ShouldRetry ?? GeminiErrorKinds.IsTransient(kind, number);
        return ProviderError.Build(kind, isTransient, facts, provider, address, status, number, requestId, hints.RetryAfter ?? details.RetryAfter ?? WaitFromMessage(facts.Message));
    }

    /// <summary>The wait is in the text too: "Please retry in 34.07s."</summary>
    private static TimeSpan? WaitFromMessage(string message)
    {
        const string Marker = "retry in ";
        int at = message.IndexOf(Marker, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        ReadOnlySpan<char> rest = message.AsSpan(at + Marker.Length);
        int end = rest.IndexOf('s');
        return end > 0 ? SecondsOf(rest[..(end + 1)]) : null;
    }

    /// <summary>A duration as protocol buffers write it: "34.4s".</summary>
    internal static TimeSpan? SecondsOf(ReadOnlySpan<char> text) =>
        text is [.. var number, 's'] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && double.IsFinite(seconds)
            ? RetryHints.Span(seconds)
            : null;
}
