namespace HarborClient;

/// <summary>What a cache level keeps. Immutable.</summary>
/// <param name="Payload">Opaque bytes; whoever is handed them does not change them.</param>
/// <param name="CreatedAt">When the answer was made.</param>
/// <param name="ExpiresAt">From then on it is not delivered.</param>
/// <param name="Tags">By which it can be removed; none is longer than 200 characters.</param>
public sealed record CacheItem(ReadOnlyMemory<byte> Payload, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, IReadOnlyList<string> Tags);
