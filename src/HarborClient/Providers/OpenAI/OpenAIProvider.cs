using HarborClient.Limits;
using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;
using HarborClient.Transport;

namespace HarborClient.Providers.OpenAI;

/// <summary>OpenAI's own service.</summary>
internal sealed class OpenAIProvider : OpenAICompatibleProvider
{
    internal const string DefaultName = "openai";

    private static readonly ChatDialect Documented = new()
    {
        MaxTokensMember = "max_completion_tokens",
        EndsWithDone = true,
        HasTopK = false,
        HasBase64Embeddings = true,
        EncryptsReasoning = true,
    };

    private readonly string? _organization;
    private readonly string? _project;

    internal OpenAIProvider(ProviderSetup setup, OpenAIOptions options, ResourceCounters counters, TimeProvider time) : base(setup, counters, time)
    {
        Api = options.Api;
        _organization = options.Organization;
        _project = options.Project;
    }

    internal override RejectClass RateLimitMeans => RejectClass.Rate;

    internal override bool TryReadRateLimits(HttpExchange exchange, Call attempt, out RateLimitFacts facts) => OpenAIRateLimits.TryRead(exchange.Headers, out facts);

    internal override string TelemetryName => "openai";

    /// <summary>Documented: 2,048 texts and 300,000 tokens; ours are estimates, so a tenth less.</summary>
    private protected override int EmbeddingItems => 2048;

    private protected override int EmbeddingTokens => 270_000;

    private protected override ChatDialect Dialect => Documented;

    private protected override OpenAIApi? Api { get; }

    internal override bool Serves(string model) => base.Serves(model) || OpenAIModels.AreOpenAIs(model);

    internal override bool Thinks(Call attempt) => base.Thinks(attempt) || OpenAIModels.Think(attempt.Target!.Model);

    private protected override void AddHeaders(HttpRequestMessage request, Call attempt)
    {
        if (_organization is not null) request.Headers.TryAddWithoutValidation("OpenAI-Organization", _organization);
        if (_project is not null) request.Headers.TryAddWithoutValidation("OpenAI-Project", _project);
    }
}
