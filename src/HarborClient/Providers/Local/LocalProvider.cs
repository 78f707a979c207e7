using System.Buffers;
using HarborClient.Pools;
using HarborClient.Providers.OpenAICompatible;

namespace HarborClient.Providers.Local;

/// <summary>A host of one's own with an OpenAI-compatible interface.</summary>
internal sealed class LocalProvider : OpenAICompatibleProvider
{
    private static readonly ChatDialect Common = new()
    {
        // The name that every such server understands; the newer one is missing in llama.cpp, Ollama and older vLLM.
        MaxTokensMember = "max_tokens",

        // Some gateways in front of local models end a stream after the finish reason without [DONE].
        EndsWithDone = false,
        HasTopK = true,
        HasBase64Embeddings = false,
    };

    private readonly Uri _tokenize;

    internal LocalProvider(ProviderSetup setup, LocalOptions options, ResourceCounters counters, TimeProvider time) : base(setup, counters, time)
    {
        Api = options.Api;
        CountsTokens = options.HasTokenizeEndpoint;
        ContinuesAnswers = options.ContinuesAnswers && options.Api == OpenAIApi.ChatCompletions;

        // vLLM has it beside the version segment and not below.
        _tokenize = new Uri(Endpoint, "../tokenize");
    }

    internal override bool CountsTokens { get; }

    internal override bool ContinuesAnswers { get; }

    private protected override ChatDialect Dialect => Common;

    private protected override OpenAIApi? Api { get; }

    internal override Uri AddressOf(Call attempt) => attempt.Operation == CallOperation.CountTokens ? _tokenize : base.AddressOf(attempt);

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body)
    {
        if (attempt.Operation == CallOperation.CountTokens) TokenizeRequestWriter.Write(attempt, Dialect, body);
        else base.WriteRequest(attempt, body);
    }

    internal override AnswerParser CreateParser(Call attempt) => attempt.Operation == CallOperation.CountTokens ? new CountAnswerParser("count") : base.CreateParser(attempt);
}
