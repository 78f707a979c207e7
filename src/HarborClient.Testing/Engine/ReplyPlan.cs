namespace HarborClient.Testing.Engine;

// Everything that one reply does on the wire, decided before the first byte: a door only executes it.
internal sealed record ReplyPlan(int StatusCode, HeaderList Headers, IReadOnlyList<WireAction> Actions)
{
    public AttemptOutcome EndsAs { get; init; } = AttemptOutcome.Completed;

    // While the script waits, this is sent every so often; empty = never.
    public ReadOnlyMemory<byte> KeepAliveBytes { get; init; }

    public TimeSpan KeepAliveInterval { get; init; }
}
