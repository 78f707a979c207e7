using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

internal sealed record RenderedReply(int StatusCode, string? ContentType, IReadOnlyList<WireEvent> Events)
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
