namespace HarborClient.Caching;

/// <summary>
/// The key of an entry in this process's memory: a hash of 128 bits that only this process can make (see <see cref="KeyHash"/>). Two halves, because nothing that has a <see cref="UInt128"/>
/// in it is compiled ahead of time, which a cold process would wait for.
/// </summary>
internal readonly record struct CacheKey(ulong High, ulong Low)
{
    public override int GetHashCode() => (int)Low;
}
