namespace HarborClient.Testing.Engine;

// One request and its reply as a door offers them to the script. Every wait ends with OperationCanceledException when the client has gone.
internal interface IExchange
{
    RequestHead Head { get; }

    CancellationToken ClientGone { get; }

    // Reads the request body. With a gate it takes no byte until that opens; the client may be serializing meanwhile. Without a pace, as fast as it comes.
    Task<byte[]> ReadBodyAsync(InlineSignal<bool>? gate, BodyPace? pace);

    ValueTask SendHeadersAsync(int statusCode, HeaderList headers);

    // isLast: nothing but the clean end follows, so a client that leaves once it has these bytes left nothing out.
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isLast);

    ValueTask EndAsync();

    // One of the ways to break off that WireActionKind names.
    ValueTask BreakOffAsync(WireActionKind how);

    // The script itself failed, which the test must see.
    ValueTask FailAsync(Exception exception);
}
