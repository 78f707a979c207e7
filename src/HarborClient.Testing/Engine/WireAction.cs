namespace HarborClient.Testing.Engine;

internal enum WireActionKind
{
    Delay,
    Headers,
    Write,
    Silence,
    End,

    // The ways to break off: the connection never comes about (refused, no such name, no TLS), is reset, or is closed before the announced length.
    Refuse,
    NameNotResolved,
    TlsFailure,
    Reset,
    HangUp,
}

// One thing that a door does for a reply.
internal readonly record struct WireAction(WireActionKind Kind, ReadOnlyMemory<byte> Bytes = default, TimeSpan Time = default)
{
    public static readonly WireAction Headers = new(WireActionKind.Headers);
    public static readonly WireAction Silence = new(WireActionKind.Silence);
    public static readonly WireAction Refuse = new(WireActionKind.Refuse);
    public static readonly WireAction NameNotResolved = new(WireActionKind.NameNotResolved);
    public static readonly WireAction TlsFailure = new(WireActionKind.TlsFailure);
    public static readonly WireAction Reset = new(WireActionKind.Reset);
    public static readonly WireAction HangUp = new(WireActionKind.HangUp);
    public static readonly WireAction End = new(WireActionKind.End);

    public static WireAction Delay(TimeSpan time) => new(WireActionKind.Delay, Time: time);

    public static WireAction Write(ReadOnlyMemory<byte> bytes) => new(WireActionKind.Write, bytes);
}
