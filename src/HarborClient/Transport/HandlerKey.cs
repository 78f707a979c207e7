namespace HarborClient.Transport;

/// <summary>What makes two clients share a handler: one origin and equal connection settings.</summary>
/// <remarks>A class that compares by itself: for a value type, and by the comparers of its members, each process would compile a dictionary and comparers of its own at its start.</remarks>
internal sealed record HandlerKey(
    string Origin,
    TimeSpan ConnectTimeout,
    TimeSpan PooledConnectionLifetime,
    TimeSpan PooledConnectionIdleTimeout,
    int MaxConnectionsPerServer,
    bool PropagatesTraceContext)
{
    public bool Equals(HandlerKey? other) => other is not null
        && Origin == other.Origin
        && ConnectTimeout == other.ConnectTimeout
        && PooledConnectionLifetime == other.PooledConnectionLifetime
        && PooledConnectionIdleTimeout == other.PooledConnectionIdleTimeout
        && MaxConnectionsPerServer == other.MaxConnectionsPerServer
        && PropagatesTraceContext == other.PropagatesTraceContext;

    /// <summary>The origin is enough to tell keys apart: few have the same with other settings.</summary>
    public override int GetHashCode() => Origin.GetHashCode(StringComparison.Ordinal);
}
