using System.Buffers;
using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Transport;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Zhipu;

/// <summary>Zhipu's cloud: OpenAI's chat completions with thinking, a web search of its own, tokens signed with the key, and error codes that outweigh the status.</summary>
internal sealed partial class ZhipuProvider : OpenAICompatibleProvider
{
    internal const string DefaultName = "zhipu";

    /// <summary>How many texts one request for embeddings may hold.</summary>
    internal const int MaxEmbeddingInputs = 64;

    /// <summary>How the ids of Zhipu's hosted models begin; a bare id that begins so is taken to be one.</summary>
    private static readonly string[] ModelPrefixes = ["glm-", "charglm-", "codegeex-", "cogview-", "cogvideox-", "embedding-2", "embedding-3"];

    /// <summary>What embedding-3 can be asked for; embedding-2 has one size.</summary>
    private static readonly int[] EmbeddingDimensions = [256, 512, 1024, 2048];

    private readonly ZhipuErrorReader _errors;

    // Null where the key itself is sent.
    private readonly ZhipuTokens? _tokens;

    internal ZhipuProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time, bool signsTokens) : base(setup, counters, time)
    {
        _tokens = signsTokens ? new ZhipuTokens(time) : null;
        _errors = new ZhipuErrorReader(time, _tokens);
        Dialect = new ChatDialect
        {
            MaxTokensMember = "max_tokens",
            EndsWithDone = true,
            HasTopK = false,
            HasBase64Embeddings = false,
            TakesFilesByAddress = true,
            SendsReasoningBack = true,
            ReadErrorInside = _errors.ReadInside,
        };
    }

    private protected override ChatDialect Dialect { get; }

    private protected override int EmbeddingItems => MaxEmbeddingInputs;

    internal override RejectClass RateLimitMeans => RejectClass.Concurrency;

    internal override bool Serves(string model) => base.Serves(model) || Array.Exists(ModelPrefixes, prefix => model.StartsWith(prefix, StringComparison.Ordinal));

    internal override bool Thinks(Call attempt) =>
        base.Thinks(attempt) || (GlmVersion.Of(attempt.Target!.Model) >= GlmVersion.Thinks && attempt.Options?.Reasoning?.Effort is not ReasoningEffort.None);

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        if (attempt.Operation != CallOperation.Embed)
        {
            ZhipuRequestWriter.Write(attempt, Dialect, Defaults, body);
            return;
        }

        CheckEmbedding(attempt);
        base.WriteRequest(attempt, body);
    }

    internal override AnswerParser CreateParser(Call attempt) =>
        attempt.Operation != CallOperation.Embed ? new ZhipuAnswerParser(Dialect, this, attempt) : base.CreateParser(attempt);

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) => _errors.Read(Name, exchange, attempt.RequestId, body);

    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "x-log-id") ?? base.ReadRequestId(exchange);

    private protected override string SentFor(string key) => _tokens?.For(key) ?? key;

    private static void CheckEmbedding(Call attempt)
    {
        if (attempt.Inputs.Count > MaxEmbeddingInputs)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Zhipu embeds up to {MaxEmbeddingInputs} texts in one request ({attempt.Inputs.Count} were given). Send them in several calls, or leave EmbeddingBatches on with its own MaxItems.");
        if (attempt.Request.EmbeddingOptions?.Dimensions is { } dimensions && attempt.Target!.Model == "embedding-3" && !EmbeddingDimensions.Contains(dimensions))
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"embedding-3 has {string.Join(", ", EmbeddingDimensions)} dimensions ({dimensions} were asked for). Set Dimensions to one of them.");
    }
}
