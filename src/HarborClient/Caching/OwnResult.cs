namespace HarborClient.Caching;

/// <summary>A user's own value. Immutable.</summary>
/// <param name="Json">As bytes, which are shared and never changed.</param>
/// <param name="Level">Where it was found; none where it was made.</param>
internal sealed record OwnResult(byte[] Json, CacheLevel Level);
