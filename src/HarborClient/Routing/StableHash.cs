namespace HarborClient.Routing;

/// <summary>A hash of text that is the same in every process and version, unlike <see cref="string.GetHashCode()"/>. Not for keys that an enemy chooses.</summary>
internal static class StableHash
{
    /// <summary>FNV-1a, 64 bits, over the UTF-16 units.</summary>
    internal static ulong Of(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text) hash = (hash ^ c) * 1099511628211;
        return hash;
    }

    /// <summary>A number of the two, evenly between 0 and 1 without either. The finalizer of MurmurHash3: FNV alone spreads short texts badly.</summary>
    internal static double Between(ulong one, ulong other)
    {
        ulong hash = one ^ ((other << 31) | (other >> 33));
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        hash ^= hash >> 33;

        // The upper 53 bits are what a double holds.
        return ((hash >> 11) + 0.5) / (1UL << 53);
    }
}
