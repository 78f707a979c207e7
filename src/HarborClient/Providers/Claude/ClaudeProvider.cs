using System.Buffers;
using HarborClient.Errors;
using HarborClient.Limits;
using HarborClient.Pools;
using HarborClient.Transport;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Anthropic's Claude, by its Messages API.</summary>
internal sealed class ClaudeProvider : Provider
{
    internal const string DefaultName = "claude";

    /// <summary>The version of the API, which is not the model's; the only one there is.</summary>
    private const string ApiVersion = "2023-06-01";

    private readonly ClaudeSettings _settings;
    private readonly TimeProvider _time;
    private readonly Uri _messages;
    private readonly Uri _counting;

    internal ClaudeProvider(ProviderSetup setup, ClaudeSettings settings, ResourceCounters counters, TimeProvider time) : base(setup, counters)
    {
        _settings = settings;
        _time = time;
        _messages = new Uri(Endpoint, "messages");
        _counting = new Uri(Endpoint, "messages/count_tokens");
    }

    internal override bool CountsTokens => true;

    internal override RejectClass RateLimitMeans => RejectClass.Rate;

    internal override bool TryReadRateLimits(HttpExchange exchange, Call attempt, out RateLimitFacts facts) => ClaudeRateLimits.TryRead(exchange.Headers, out facts);

    internal override string TelemetryName => "anthropic";

    internal override bool Serves(string model) => base.Serves(model) || model.StartsWith("claude-", StringComparison.Ordinal);

    internal override bool Thinks(Call attempt) => AsksToThink(attempt.Options) || attempt.Options?.AdditionalProperties?.ContainsKey("thinking") == true;

    internal override bool NeedsStream(Call attempt) =>
        attempt.Operation == CallOperation.Chat
        && ClaudeRequestWriter.MaxTokensOf(attempt, Defaults) > ClaudeModel.Of(attempt.Target!.Model).MaxPlainTokens;

    internal override int? MaxOutputTokensOf(Call attempt) => ClaudeRequestWriter.MaxTokensOf(attempt, Defaults);

    internal override Uri AddressOf(Call attempt) => attempt.Operation == CallOperation.CountTokens ? _counting : _messages;

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        switch (attempt.Operation)
        {
            case CallOperation.Chat: ClaudeRequestWriter.Write(attempt, _settings, Defaults, body); break;
            case CallOperation.CountTokens: ClaudeRequestWriter.WriteCountTokens(attempt, _settings, Defaults, body); break;
            default: throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"Claude has no operation for {attempt.Operation}. Ask another provider, by the model's name.");
        }
    }

    internal override AnswerParser CreateParser(Call attempt) => attempt.Operation == CallOperation.CountTokens ? new CountAnswerParser("input_tokens") : new ClaudeAnswerParser();

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) =>
        ClaudeErrorReader.Read(Name, exchange.Address, exchange.Status, attempt.RequestId, RetryHints.Read(exchange.Headers, _time), body);

    private protected override string? ReadRequestId(HttpExchange exchange) => RetryHints.First(exchange.Headers, "request-id");

    private protected override void Authorize(HttpRequestMessage request, string key) => request.Headers.TryAddWithoutValidation("x-api-key", key);

    private protected override void AddHeaders(HttpRequestMessage request, Call attempt)
    {
        request.Headers.TryAddWithoutValidation("anthropic-version", ApiVersion);
        if (ClaudeBetas.Of(attempt, _settings) is { } betas) request.Headers.TryAddWithoutValidation("anthropic-beta", betas);
    }
}
