using System.Net;

namespace HarborClient.IntegrationTests.Sockets;

/// <summary>How a client reaches the emulator.</summary>
public enum ServerKind
{
    /// <summary>The client's own handler, HTTP/1.1 without TLS.</summary>
    OwnHandler,

    /// <summary>A caller's SocketsHttpHandler with its defaults, HTTP/1.1 without TLS.</summary>
    CallersHandler,

    /// <summary>A caller's SocketsHttpHandler with its defaults, HTTP/2 over TLS.</summary>
    CallersHandlerHttp2,
}
