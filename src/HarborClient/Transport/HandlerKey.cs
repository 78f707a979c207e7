namespace HarborClient.Transport;

/// <summary>What makes two clients share a handler: one origin and equal connection settings.</summary>
internal readonly record struct HandlerKey(
    string Origin,
    TimeSpan ConnectTimeout,
    TimeSpan PooledConnectionLifetime,
    TimeSpan PooledConnectionIdleTimeout,
    int MaxConnectionsPerServer,
    bool PropagatesTraceContext);
