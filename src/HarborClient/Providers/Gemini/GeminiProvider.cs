using System.Buffers;
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

    internal override string TelemetryName => "gcp.gemini";

    internal override bool Serves(string model) => base.Serves(model) || model.StartsWith("gemini-", StringComparison.Ordinal);

    internal override bool Thinks(Call attempt)
    {
        if (attempt.Options?.Tools?.Any(GeminiToolWriter.IsKnown) == true) return true;
        return attempt.Options?.Reasoning?.Effort is { } effort ? effort != ReasoningEffort.None : GeminiModel.ThinksByItself(attempt.Target!.Model);
    }

    internal override Uri AddressOf(Call attempt)
    {
        string action = attempt.Operation == CallOperation.Embed ? "batchEmbedContents" : attempt.StreamsUpstream ? "streamGenerateContent?alt=sse" : "generateContent";
        return new Uri(Endpoint, $"{GeminiModel.PathOf(attempt.Target!.Model)}:{action}");
    }

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        if (attempt.Operation == CallOperation.Embed) GeminiEmbeddingWriter.Write(attempt, body);
        else GeminiRequestWriter.Write(attempt, Defaults, Endpoint, body);
    }

    internal override AnswerParser CreateParser(Call attempt) =>
        attempt.Operation == CallOperation.Embed ? new GeminiEmbeddingParser(attempt.Inputs.Count) : new GeminiAnswerParser(attempt.Target!.Name);

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) =>
        GeminiErrorReader.Read(Name, exchange.Address, exchange.Status, attempt.RequestId, RetryHints.Read(exchange.Headers, time), body);

    /// <summary>Google sends none; a gateway in front of it may.</summary>
    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "x-request-id");

    private protected override void Authorize(HttpRequestMessage request, string key) => request.Headers.TryAddWithoutValidation("x-goog-api-key", key);
}
