namespace HarborClient.Testing.Protocols;

// SplitMix64 over an FNV-1a seed: the same on every run, machine and framework version, which System.Random does not promise.
internal static class DeterministicRandom
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    public static ulong SeedOf(string text)
    {
        ulong hash = FnvOffset;
        foreach (char character in text)
        {
            hash = (hash ^ character) * FnvPrime;
        }

        return hash;
    }

    public static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    // 0 to under 1, from the upper 53 bits.
    public static double NextDouble(ref ulong state) => (Next(ref state) >> 11) / (double)(1UL << 53);
}
