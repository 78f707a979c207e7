using System.Globalization;
using System.Net;
using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>
/// Turns an error of the OpenAI family into a <see cref="HarborException"/>: OpenAI's object, vLLM's flat one, text or list under <c>error</c> or
/// <c>detail</c>, numeric codes, and bodies that are no JSON at all. The body outweighs the status where it knows more.
/// </summary>
internal static class OpenAIErrorReader
{
    /// <summary>Reads the body of an answer whose status says error.</summary>
    internal static HarborException Read(string provider, Uri address, HttpStatusCode status, string? requestId, RetryHints hints, ReadOnlySpan<byte> body) =>
        Build(ErrorFacts.From(body), provider, address, status, requestId, hints);

    /// <summary>From the property name <c>error</c> of an answer with status 200: null is none; anything else ends the answer.</summary>
    internal static void ThrowIfError(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, ChatDialect dialect)
    {
        json.Read();
        bool isError = json.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        json.Skip();
        if (isError) throw dialect.ReadErrorInside(data);
    }

    /// <summary>From the property name <c>object</c>: vLLM's older errors are flat objects of that name.</summary>
    internal static void ThrowIfErrorObject(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, ChatDialect dialect)
    {
        json.Read();
        bool isError = json.TokenType == JsonTokenType.String && JsonLenient.Is(ref json, "error"u8);
        json.Skip();
        if (isError) throw dialect.ReadErrorInside(data);
    }

    /// <summary>Reads an error that comes inside an answer.</summary>
    internal static HarborException InsideAnswer(ReadOnlyMemory<byte> data)
    {
        ErrorFacts facts = ErrorFacts.From(data.Span);
        return Build(facts, null, null, null, null, default);
    }

    private static HarborException Build(in ErrorFacts facts, string? provider, Uri? address, HttpStatusCode? status, string? requestId, RetryHints hints)
    {
        int number = status is { } answered and not HttpStatusCode.OK ? (int)answered : facts.NumericCode ?? 0;
        ErrorKind kind = OpenAIErrorKinds.KindOf(number, facts);
        bool isTransient = hints.ShouldRetry ?? OpenAIErrorKinds.IsTransient(kind, number);
        TimeSpan? wait = hints.RetryAfter ?? WaitFromMessage(kind, facts.Message);
        return ProviderError.Build(kind, isTransient, facts, provider, address, status, number, requestId, wait);
    }

    /// <summary>OpenAI writes the wait into the text too, as Go writes durations: "Please try again in 1.78s", "20ms", "6m0s".</summary>
    private static TimeSpan? WaitFromMessage(ErrorKind kind, string message)
    {
        const string Marker = "try again in ";
        int at = kind == ErrorKind.RateLimited ? message.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) : -1;
        if (at < 0) return null;
        ReadOnlySpan<char> rest = message.AsSpan(at + Marker.Length);
        double? seconds = null;
        while (TakePart(ref rest) is { } part) seconds = (seconds ?? 0) + part;
        return seconds is { } wait ? RetryHints.Span(wait) : null;
    }

    /// <summary>A number with its unit, in seconds; null where the text goes on otherwise.</summary>
    private static double? TakePart(ref ReadOnlySpan<char> rest)
    {
        int digits = 0;
        while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || (rest[digits] == '.' && digits + 1 < rest.Length && char.IsAsciiDigit(rest[digits + 1])))) digits++;
        if (!double.TryParse(rest[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out double amount)) return null;
        ReadOnlySpan<char> unit = rest[digits..];
        double? seconds = unit.StartsWith("ms", StringComparison.Ordinal) ? 0.001
            : unit.StartsWith("s", StringComparison.Ordinal) ? 1
            : unit.StartsWith("m", StringComparison.Ordinal) ? 60
            : unit.StartsWith("h", StringComparison.Ordinal) ? 3600
            : null;
        if (seconds is null) return null;
        rest = unit[(seconds == 0.001 ? 2 : 1)..];
        return amount * seconds;
    }
}
