using System.Globalization;
using System.Net;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Transport;

namespace HarborClient.Providers.Zhipu;

/// <summary>Turns Zhipu's errors into a <see cref="HarborException"/>. The code in the body decides, whatever the status: 429 is both a moment's rush and an empty account.</summary>
internal sealed class ZhipuErrorReader(TimeProvider time, ZhipuTokens? tokens)
{
    /// <summary>The time at which a quota comes back is written as a clock in China shows it, on both sites.</summary>
    private static readonly TimeSpan ChinaTime = TimeSpan.FromHours(8);

    private const string ResetFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Reads the body of an answer whose status says error.</summary>
    internal HarborException Read(string provider, HttpExchange exchange, string? requestId, ReadOnlySpan<byte> body) =>
        Build(ErrorFacts.From(body), provider, exchange.Address, exchange.Status, requestId, RetryHints.Read(exchange.Headers, time));

    /// <summary>Reads an error inside an answer with status 200, or in mid-stream.</summary>
    internal HarborException ReadInside(ReadOnlyMemory<byte> data) => Build(ErrorFacts.From(data.Span), null, null, null, null, default);

    private HarborException Build(in ErrorFacts facts, string? provider, Uri? address, HttpStatusCode? status, string? requestId, RetryHints hints)
    {
        int number = (int?)status ?? facts.NumericCode ?? 0;
        ErrorKind? byCode = ZhipuErrorKinds.Of(facts.Code);
        ErrorKind kind = byCode ?? OpenAIErrorKinds.KindOf(number, facts);
        bool isTransient = hints.ShouldRetry ?? (byCode is null ? OpenAIErrorKinds.IsTransient(kind, number) : ZhipuErrorKinds.IsTransient(kind, facts.Code));
        if (kind == ErrorKind.Authentication) tokens?.Forget();
        TimeSpan? wait = hints.RetryAfter ?? (kind == ErrorKind.QuotaExhausted ? WaitFromMessage(facts.Message) : null);
        return ProviderError.Build(kind, isTransient, facts, provider, address, status, number, requestId, wait);
    }

    /// <summary>A used-up quota says when it comes back: "Your limit will reset at 2026-03-01 09:41:47".</summary>
    private TimeSpan? WaitFromMessage(string message)
    {
        for (int at = 0; at + ResetFormat.Length <= message.Length; at++)
        {
            if (!char.IsAsciiDigit(message[at])) continue;
            ReadOnlySpan<char> text = message.AsSpan(at, ResetFormat.Length);
            if (!DateTime.TryParseExact(text, ResetFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime reset)) continue;
            TimeSpan wait = new DateTimeOffset(reset, ChinaTime) - time.GetUtcNow();
            return wait > TimeSpan.Zero ? RetryHints.Span(wait.TotalSeconds) : null;
        }

        return null;
    }
}
