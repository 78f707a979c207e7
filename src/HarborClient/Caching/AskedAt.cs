namespace HarborClient.Caching;

/// <summary>When something was asked for that will be kept: what is removed after that is not kept.</summary>
/// <param name="Time">By the client's clock.</param>
/// <param name="Removals">Where the removals stood.</param>
internal readonly record struct AskedAt(DateTimeOffset Time, long Removals);
