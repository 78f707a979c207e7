namespace HarborClient.Caching;

/// <summary>The key of an entry in this process's memory: a hash that only this process can make (see <see cref="KeyHash"/>).</summary>
internal readonly record struct CacheKey(UInt128 Hash)
{
    public override int GetHashCode() => (int)(ulong)Hash;
}
