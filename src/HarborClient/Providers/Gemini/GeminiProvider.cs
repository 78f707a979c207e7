using System.Buffers;
using HarborClient.Pools;
using HarborClient.Transport;

namespace HarborClient.Providers.Gemini;

/// <summary>Google's Gemini.</summary>
internal sealed class GeminiProvider : Provider
{
    internal const string DefaultName = "gemini";

    internal GeminiProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : base(setup, counters) => _ = time;

    /// <summary>Documented: 100 texts a batch.</summary>
    private protected override int EmbeddingItems => 100;

    internal override bool Thinks(Call attempt) => false;

    internal override Uri AddressOf(Call attempt) => Endpoint;

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => throw new NotSupportedException("SKELETON");

    internal override AnswerParser CreateParser(Call attempt) => throw new NotSupportedException("SKELETON");

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) => throw new NotSupportedException("SKELETON");

    private protected override string? ReadRequestId(HttpExchange exchange) => null;

    private protected override void Authorize(HttpRequestMessage request, string key) => throw new NotSupportedException("SKELETON");
}
