namespace HarborClient.Caching;

/// <summary>A question that was answered, as a <see cref="SemanticIndex"/> has it: where its answer lies, and not the answer, so that whatever ends the answer ends this too.</summary>
/// <param name="key">The answer's key in memory.</param>
/// <param name="space">What the names of its kind begin with.</param>
/// <param name="name">Its key in the levels below; null where it is not there.</param>
/// <param name="guard">What must be the same in a question that shares the answer.</param>
internal sealed class SemanticEntry(in CacheKey key, string space, string? name, QuestionGuard guard)
{
    internal readonly CacheKey Key = key;

    // Guarded by the index's lock.
    internal SemanticGroup? Group;
    internal LinkedListNode<SemanticEntry>? Place;

    internal string Space => space;

    internal string? Name => name;

    internal QuestionGuard Guard => guard;

    /// <summary>Its place in its group; guarded by the group's lock.</summary>
    internal int Slot { get; set; }
}
