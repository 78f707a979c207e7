using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

internal sealed record RenderedReply(int StatusCode, string? ContentType, IReadOnlyList<WireEvent> Events)
{
    public HeaderList Headers { get; init; } = [];
}
