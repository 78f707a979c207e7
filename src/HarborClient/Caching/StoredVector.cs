namespace HarborClient.Caching;

/// <summary>The embedding of one text as it is kept. Immutable.</summary>
/// <param name="values">The vector. Never changed.</param>
/// <param name="model">The model that made it, as the provider names it.</param>
/// <param name="level">Where it was found.</param>
internal sealed class StoredVector(float[] values, string? model, CacheLevel level = CacheLevel.Memory)
{
    internal float[] Values => values;

    internal string? Model => model;

    internal CacheLevel Level => level;
}
