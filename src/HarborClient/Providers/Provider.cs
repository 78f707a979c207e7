using System.Buffers;
using HarborClient.Pools;
using HarborClient.Transport;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

/// <summary>
/// One registered provider: how a call is written, where it goes, how its answer and its errors are read. Each dialect is a folder with the same
/// files: options, request writer, answer parser, error reader. Thread-safe.
/// </summary>
internal abstract partial class Provider : IDisposable
{
    private readonly ProviderSetup _setup;
    private readonly KeyValuePair<string, string>[] _headers;
    private readonly ResourceCounters _counters;

    private protected Provider(ProviderSetup setup, ResourceCounters counters)
    {
        _setup = setup;
        _headers = setup.Headers.Count == 0 ? [] : [.. setup.Headers];
        _counters = counters;
        Transport = CreateTransport(setup.Endpoint, isOwnHost: true);
    }

    internal string Name => _setup.Name;

    internal Uri Endpoint => _setup.Endpoint;

    internal bool IsLocal => _setup.IsLocal;

    internal string? DefaultModel => _setup.DefaultModel;

    /// <summary>Values of configured headers, which may be keys of a gateway.</summary>
    internal IEnumerable<string> HeaderValues => _headers.Select(header => header.Value);

    internal TransportOptions Limits => _setup.Transport;

    internal HttpTransport Transport { get; }

    /// <summary>The name of the system in telemetry: a well-known value of OpenTelemetry's <c>gen_ai.provider.name</c>, or the registered name.</summary>
    internal virtual string TelemetryName => Name;

    /// <summary>Whether a bare model id is known to be this provider's.</summary>
    internal virtual bool Serves(string model) => _setup.Models.Contains(model);

    /// <summary>The maximum of output tokens that the request of a chat asks for; null where it leaves that to the model.</summary>
    internal virtual int? MaxOutputTokensOf(Call attempt) => attempt.MaxOutputTokens ?? Defaults.MaxOutputTokens;

    /// <summary>What fills in where a chat call sets nothing.</summary>
    private protected RequestDefaults Defaults => _setup.Defaults;

    /// <summary>Whether a call's own options make the model think, or work with tools at its host.</summary>
    private protected static bool AsksToThink(ChatOptions? options) =>
        options is not null && (options.Reasoning is { Effort: not null and not ReasoningEffort.None } || options.Tools?.Any(tool => tool is not AIFunctionDeclaration) == true);

    /// <summary>Whether the call lets the model think before it answers, which takes minutes.</summary>
    internal abstract bool Thinks(Call attempt);

    /// <summary>Whether the provider answers this call only as a stream, or too late otherwise; a plain call is then streamed and folded.</summary>
    internal virtual bool NeedsStream(Call attempt) => false;

    /// <summary>Whether the provider counts tokens when asked (<see cref="CallOperation.CountTokens"/>): the answer is one update of kind Payload with a long. Elsewhere they are estimated.</summary>
    internal virtual bool CountsTokens => false;

    /// <summary>Whether it writes on where an unfinished answer stops, when that is the last message (<see cref="Pipeline.CallRequest.IsContinuation"/>).</summary>
    internal virtual bool ContinuesAnswers => false;

    /// <summary>The method of the request. One without a body sends none.</summary>
    internal virtual HttpMethod MethodOf(Call attempt) => HttpMethod.Post;

    /// <summary>The path of the operation below <see cref="Endpoint"/>, as a whole address.</summary>
    internal abstract Uri AddressOf(Call attempt);

    /// <summary>Writes the request body.</summary>
    /// <exception cref="HarborException">The provider cannot do what the call asks: InvalidRequest, before anything is sent.</exception>
    internal abstract void WriteRequest(Call attempt, IBufferWriter<byte> body);

    /// <summary>A parser for one answer.</summary>
    internal abstract AnswerParser CreateParser(Call attempt);

    /// <summary>Reads an answer that is an error.</summary>
    internal abstract HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body);

    /// <summary>Adds the headers that the dialect asks for. The caller's default headers replace those of the same name.</summary>
    private protected virtual void AddHeaders(HttpRequestMessage request, Call attempt)
    {
    }

    /// <summary>What is sent for a key: itself, unless the provider signs with it.</summary>
    private protected virtual string SentFor(string key) => key;

    /// <summary>Puts the key where this provider wants it.</summary>
    private protected abstract void Authorize(HttpRequestMessage request, string key);

    /// <summary>The request of an attempt, with its headers. The key is asked for last, and goes nowhere else.</summary>
    internal async ValueTask<HttpRequestMessage> CreateRequestAsync(Call attempt, HttpContent content)
    {
        // Asking for the attempt's public token makes its clocks unfit for the next attempt, so only a user's function gets it.
        string? key = _setup.Credential is { } source ? await source.GetKeyAsync(attempt.Credential, source.AsksOthers ? attempt.CancellationToken : default).ConfigureAwait(false) : null;
        attempt.UseKey(key, key is null ? null : SentFor(key));
        var request = new HttpRequestMessage(MethodFor(attempt), AddressFor(attempt));
        if (request.Method != HttpMethod.Get) request.Content = content;
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", _setup.ProductName);
        if (attempt.StreamsUpstream) request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        else request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        if (attempt.SentKey is { } sent) Authorize(request, sent);
        AddHeaders(request, attempt);
        foreach ((string name, string value) in _headers)
        {
            // A default header replaces ours of the same name.
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public virtual void Dispose() => Transport.Dispose();
}
