using System.Buffers;

namespace HarborClient.Providers;

/// <summary>Any path below a provider's API root, with the caller's own JSON in both directions.</summary>
internal sealed class OwnJsonService : ServiceDialect
{
    internal static readonly OwnJsonService Instance = new();

    internal override Uri AddressOf(Call attempt) => ServicePath.Below(attempt.Target!.Endpoint, attempt.Target.Model);

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> body) => body.Write(attempt.Request.Service!.Json.Span);

    internal override AnswerParser CreateParser(Call attempt) => new OwnJsonParser();
}
