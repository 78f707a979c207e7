using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// What a protocol may know besides the reply.
internal sealed record RenderContext(RequestHead Head, RequestBody Body, int Number, DateTimeOffset Now, IReadOnlyList<string> Models);
