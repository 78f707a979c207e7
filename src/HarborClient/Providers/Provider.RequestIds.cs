using HarborClient.Transport;

namespace HarborClient.Providers;

/// <content>The ids that a host gives its answers.</content>
internal abstract partial class Provider
{
    /// <summary>An id longer than this is nobody's id; it would only fill logs.</summary>
    private const int MaxRequestIdCharacters = 200;

    /// <summary>The provider's id of the request, from the headers of the answer.</summary>
    private protected abstract string? ReadRequestId(HttpExchange exchange);

    /// <summary>The provider's id of the request, fit for logs and tickets: one that quotes the key or a configured header is no id.</summary>
    internal string? RequestIdOf(HttpExchange exchange, Call attempt) => ShownId(ReadRequestId(exchange), attempt);

    /// <summary>An id that the answer gives, as it may be shown.</summary>
    internal string? ShownId(string? id, Call attempt)
    {
        if (id is null || Quotes(id, attempt.Key) || Quotes(id, attempt.SentKey)) return null;
        foreach ((_, string value) in _headers)
        {
            if (value.Length > 0 && id.Contains(value, StringComparison.Ordinal)) return null;
        }

        return id.Length > MaxRequestIdCharacters ? id[..MaxRequestIdCharacters] : id;
    }

    private static bool Quotes(string id, string? secret) => secret is not null && id.Contains(secret, StringComparison.Ordinal);
}
