using System.Buffers;
using HarborClient.Pools;
using HarborClient.Providers.OpenAIResponses;
using HarborClient.Transport;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>The base of every host that speaks OpenAI's chat completions and embeddings: OpenAI itself, vLLM, SGLang, llama.cpp, Ollama.</summary>
internal abstract class OpenAICompatibleProvider : Provider
{
    private readonly TimeProvider _time;
    private readonly Uri _chat;
    private readonly Uri _responses;
    private readonly Uri _embeddings;
    private BearerHeader? _bearer;

    private protected OpenAICompatibleProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : base(setup, counters)
    {
        _time = time;
        _chat = new Uri(Endpoint, "chat/completions");
        _responses = new Uri(Endpoint, "responses");
        _embeddings = new Uri(Endpoint, "embeddings");
    }

    /// <summary>What this host's dialect has of its own.</summary>
    private protected abstract ChatDialect Dialect { get; }

    /// <summary>The same for one call, where models of one provider differ.</summary>
    private protected virtual ChatDialect DialectOf(Call attempt) => Dialect;

    /// <summary>The interface of chat calls that name none; null where the host has chat completions only.</summary>
    private protected virtual OpenAIApi? Api => null;

    internal override Uri AddressOf(Call attempt) => attempt.Operation == CallOperation.Embed ? _embeddings : UsesResponses(attempt) ? _responses : _chat;

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        if (attempt.Operation == CallOperation.Embed) EmbeddingRequestWriter.Write(attempt, Dialect, body);
        else if (UsesResponses(attempt)) ResponsesRequestWriter.Write(attempt, DialectOf(attempt), Defaults, body);
        else ChatRequestWriter.Write(attempt, DialectOf(attempt), Defaults, body);
    }

    internal override AnswerParser CreateParser(Call attempt) => attempt.Operation == CallOperation.Embed ? new EmbeddingAnswerParser(attempt.Inputs.Count, DialectOf(attempt))
        : UsesResponses(attempt) ? new ResponsesAnswerParser()
        : new ChatAnswerParser(DialectOf(attempt));

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) =>
        OpenAIErrorReader.Read(Name, exchange.Address, exchange.Status, attempt.RequestId, RetryHints.Read(exchange.Headers, _time), body);

    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "x-request-id");

    internal override bool Thinks(Call attempt) => AsksToThink(attempt.Options);

    private protected bool UsesResponses(Call attempt) => Api is { } own && (attempt.Settings.OpenAIApi ?? own) == OpenAIApi.Responses;

    private protected override void Authorize(HttpRequestMessage request, string key) =>
        request.Headers.TryAddWithoutValidation("Authorization", (_bearer = BearerHeader.Of(key, _bearer)).Value);
}
