using HarborClient.Benchmarks.Clients;

namespace HarborClient.Benchmarks.Judging;

/// <summary>What a call goes over.</summary>
internal readonly record struct Track(Dialect Dialect, Protocol Protocol)
{
    internal static readonly Track[] All =
    [
        new(Dialect.OpenAI, Protocol.Http1),
        new(Dialect.OpenAI, Protocol.Http2),
        new(Dialect.Claude, Protocol.Http1),
        new(Dialect.Claude, Protocol.Http2),
    ];

    public override string ToString() => $"{Dialect.Name}, {(Protocol == Protocol.Http2 ? "TLS + HTTP/2" : "HTTP/1.1")}";
}
