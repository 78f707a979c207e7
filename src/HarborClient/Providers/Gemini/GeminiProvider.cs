using System.Buffers;
using HarborClient.Limits;
using HarborClient.Pools;
using HarborClient.Transport;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

/// <summary>Google's Gemini API.</summary>
internal sealed class GeminiProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : Provider(setup, counters)
{
    internal const string DefaultName = "gemini";

    /// <summary>How many texts one request may embed.</summary>
    internal const int MaxEmbeddingInputs = 100;

    private protected override int EmbeddingItems => MaxEmbeddingInputs;

    internal override bool CountsTokens => true;

    internal override RejectClass RateLimitMeans => RejectClass.Rate;

    internal override string TelemetryName => "gcp.gemini";

    internal override bool Serves(string model) => base.Serves(model) || model.StartsWith("gemini-", StringComparison.Ordinal);

    internal override bool Thinks(Call attempt)
    {
        if (attempt.Options?.Tools?.Any(GeminiToolWriter.IsKnown) == true) return true;
        return attempt.Options?.Reasoning?.Effort is { } effort ? effort != ReasoningEffort.None : GeminiModel.ThinksByItself(attempt.Target!.Model);
    }

    internal override Uri AddressOf(Call attempt)
    {
        string action = attempt.Operation switch
        {
            CallOperation.Embed => "batchEmbedContents",
            CallOperation.CountTokens => "countTokens",
            _ => attempt.StreamsUpstream ? "streamGenerateContent?alt=sse" : "generateContent",
        };
        return new Uri(Endpoint, $"{GeminiModel.PathOf(attempt.Target!.Model)}:{action}");
    }

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        switch (attempt.Operation)
        {
            case CallOperation.Embed: GeminiEmbeddingWriter.Write(attempt, body); break;
            case CallOperation.CountTokens: GeminiRequestWriter.WriteTokenCount(attempt, Defaults, Endpoint, body); break;
            default: GeminiRequestWriter.Write(attempt, Defaults, Endpoint, body); break;
        }
    }

    internal override AnswerParser CreateParser(Call attempt) => attempt.Operation switch
    {
        CallOperation.Embed => new GeminiEmbeddingParser(attempt.Inputs.Count),
        CallOperation.CountTokens => new CountAnswerParser("totalTokens"),
        _ => new GeminiAnswerParser(attempt.Target!.Name),
    };

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) =>
        GeminiErrorReader.Read(Name, exchange.Address, exchange.Status, attempt.RequestId, RetryHints.Read(exchange.Headers, time), body);

    /// <summary>Google sends none; a gateway in front of it may.</summary>
    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "x-request-id");

    private protected override void Authorize(HttpRequestMessage request, string key) => request.Headers.TryAddWithoutValidation("x-goog-api-key", key);
}
