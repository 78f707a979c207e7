using HarborClient.Limits;
using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Transport;

namespace HarborClient.Providers.AzureOpenAI;

/// <summary>An Azure OpenAI resource: OpenAI's interfaces with another key header, other request ids, and content filters that speak within the answers.</summary>
internal sealed class AzureOpenAIProvider : OpenAICompatibleProvider
{
    internal const string DefaultName = "azure";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_completion_tokens",
        EndsWithDone = true,
        HasTopK = false,
        HasBase64Embeddings = true,
        EncryptsReasoning = true,
    };

    /// <summary>Documented: 2,048 texts and 300,000 tokens; ours are estimates, so a tenth less.</summary>
    private protected override int EmbeddingItems => 2048;

    private protected override int EmbeddingTokens => 270_000;
    private readonly bool _usesBearer;
    private readonly string? _apiVersion;

    internal AzureOpenAIProvider(ProviderSetup setup, AzureOpenAIOptions options, ResourceCounters counters, TimeProvider time) : base(setup, counters, time)
    {
        Api = options.Api;
        _usesBearer = options.UsesBearer;
        _apiVersion = options.ApiVersion;
    }

    internal override RejectClass RateLimitMeans => RejectClass.Rate;

    internal override bool TryReadRateLimits(HttpExchange exchange, Call attempt, out RateLimitFacts facts) => OpenAIRateLimits.TryRead(exchange.Headers, out facts);

    internal override string TelemetryName => "azure.ai.openai";

    private protected override ChatDialect Dialect => Documented;

    private protected override OpenAIApi? Api { get; }

    internal override bool Thinks(Call attempt) => base.Thinks(attempt) || OpenAIModels.Think(attempt.Target!.Model);

    /// <summary>The older interface names the deployment in the address of everything but Responses, and its own version in all of them.</summary>
    internal override Uri AddressOf(Call attempt)
    {
        if (_apiVersion is null) return base.AddressOf(attempt);
        string deployment = Uri.EscapeDataString(attempt.Target!.Model);
        string path = attempt.Operation == CallOperation.Embed ? $"deployments/{deployment}/embeddings"
            : UsesResponses(attempt) ? "responses"
            : $"deployments/{deployment}/chat/completions";
        return new Uri(Endpoint, $"{path}?api-version={_apiVersion}");
    }

    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "apim-request-id") ?? base.ReadRequestId(exchange);

    private protected override void Authorize(HttpRequestMessage request, string key)
    {
        if (_usesBearer) base.Authorize(request, key);
        else request.Headers.TryAddWithoutValidation("api-key", key);
    }
}
