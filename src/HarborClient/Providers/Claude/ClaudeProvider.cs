using System.Buffers;
using HarborClient.Pools;
using HarborClient.Transport;

namespace HarborClient.Providers.Claude;

/// <summary>Anthropic's Claude.</summary>
internal sealed class ClaudeProvider : Provider
{
    internal const string DefaultName = "claude";

    internal ClaudeProvider(ProviderSetup setup, ResourceCounters counters, TimeProvider time) : base(setup, counters) => _ = time;

    internal override bool Thinks(Call attempt) => false;

    internal override Uri AddressOf(Call attempt) => Endpoint;

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => throw new NotSupportedException("SKELETON");

    internal override AnswerParser CreateParser(Call attempt) => throw new NotSupportedException("SKELETON");

    internal override HarborException ReadError(Call attempt, HttpExchange exchange, ReadOnlySpan<byte> body) => throw new NotSupportedException("SKELETON");

    private protected override string? ReadRequestId(HttpExchange exchange) => null;

    private protected override void Authorize(HttpRequestMessage request, string key) => throw new NotSupportedException("SKELETON");
}
