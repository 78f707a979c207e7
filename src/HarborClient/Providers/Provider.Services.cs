using HarborClient.Limits;
using System.Buffers;
using HarborClient.Errors;
using HarborClient.Transport;

namespace HarborClient.Providers;

/// <content>The services beside chat and embeddings, and files that they link to.</content>
internal abstract partial class Provider
{
    /// <summary>The service that a call asks; null where the dialect's own chat or embeddings are asked.</summary>
    /// <exception cref="HarborException">The provider has no such service (InvalidRequest).</exception>
    internal virtual ServiceDialect? ServiceOf(Call attempt) => attempt.Operation switch
    {
        CallOperation.Invoke => OwnJsonService.Instance,
        CallOperation.Image => throw NoService("images"),
        CallOperation.Job => throw NoService("jobs of this kind"),
        _ => null,
    };

    /// <summary>What this provider counts when it answers 429: requests and tokens in time, or requests at once.</summary>
    internal virtual RejectClass RateLimitMeans => RejectClass.Unknown;

    /// <summary>What an answer's headers say about the provider's rates.</summary>
    internal virtual bool TryReadRateLimits(HttpExchange exchange, Call attempt, out RateLimitFacts facts)
    {
        facts = default;
        return false;
    }

    /// <summary>The configured headers.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Its options, validated.</summary>
    internal ProviderSetup Setup => _setup;

    /// <summary>The API root that serves a model.</summary>
    internal virtual Uri EndpointOf(string model) => Endpoint;

    /// <summary>The transport to a target's API root.</summary>
    internal virtual HttpTransport TransportTo(Target target) => Transport;

    /// <summary>Whether the host is asked to stream: services answer with one JSON text.</summary>
    internal bool Streams(Call attempt) => ServiceOf(attempt) is null && (attempt.StreamsUpstream || NeedsStream(attempt));

    internal void Write(Call attempt, IBufferWriter<byte> body)
    {
        if (ServiceOf(attempt) is { } service) service.WriteRequest(attempt, body);
        else WriteRequest(attempt, body);
    }

    internal AnswerParser ParserFor(Call attempt) => ServiceOf(attempt)?.CreateParser(attempt) ?? CreateParser(attempt);

    private HttpMethod MethodFor(Call attempt) => ServiceOf(attempt)?.MethodOf(attempt) ?? MethodOf(attempt);

    private Uri AddressFor(Call attempt) => ServiceOf(attempt)?.AddressOf(attempt) ?? AddressOf(attempt);

    /// <summary>A transport with this provider's settings to any address; a host that is not this provider's is told nothing of traces. Whoever makes it disposes it.</summary>
    internal HttpTransport CreateTransport(Uri address, bool isOwnHost) =>
        new(address, Limits, isOwnHost && (Limits.PropagateTraceContext ?? IsLocal), _setup.Handler, _counters);

    /// <summary>The request for a file that the provider linked to. Its key and the configured headers go to its own origin only.</summary>
    internal async ValueTask<HttpRequestMessage> CreateDownloadAsync(Uri link, Target target, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, link);
        request.Headers.TryAddWithoutValidation("User-Agent", _setup.ProductName);
        if (!IsSameOrigin(link, target.Endpoint)) return request;
        if (_setup.Credential is { } credential) Authorize(request, SentFor(await credential.GetKeyAsync(target.NextCredential, cancellationToken).ConfigureAwait(false)));
        foreach ((string name, string value) in _headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private protected HarborException NoService(string what) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{Name}' has no service for {what} that HarborClient knows. Nothing was sent; InvokeAsync sends a service's own JSON.");

    private static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
