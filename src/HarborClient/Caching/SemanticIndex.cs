namespace HarborClient.Caching;

/// <summary>
/// The questions that were answered lately, found by what they mean. Those of one context (all of a request but its last question, the target, tenant and scope, and the embedding model) are
/// searched together, and no others. It leads to answers and keeps none: one that has expired, was removed or had to go is found missing by who looks. Bounded; thread-safe.
/// </summary>
/// <param name="mostEntries">Beyond that the oldest goes.</param>
internal sealed class SemanticIndex(int mostEntries)
{
    /// <summary>As many are looked at when several are near.</summary>
    private const int MostMatches = 8;

    private readonly Lock _gate = new();

    // Guarded by _gate; the oldest is the first.
    private readonly Dictionary<Context, SemanticGroup> _groups = [];
    private readonly Dictionary<CacheKey, SemanticEntry> _entries = [];
    private readonly LinkedList<SemanticEntry> _order = [];
    private readonly Dictionary<SemanticGroup, Context> _contexts = [];

    internal int Count
    {
        get
        {
            lock (_gate) return _order.Count;
        }
    }

    /// <summary>Adds a question, in place of the same one.</summary>
    /// <param name="context">What it shares with the questions that it may answer.</param>
    /// <param name="vector">Its embedding.</param>
    /// <param name="entry">Where its answer lies.</param>
    internal void Add(in CacheKey context, QuestionVector vector, SemanticEntry entry)
    {
        var place = new Context(context, vector.Model, vector.Values.Length);
        lock (_gate)
        {
            if (_entries.TryGetValue(entry.Key, out SemanticEntry? former)) Drop(former);
            else if (_order.Count == mostEntries) Drop(_order.First!.Value);
            if (!_groups.TryGetValue(place, out SemanticGroup? group))
            {
                group = new SemanticGroup(place.Dimensions);
                _groups.Add(place, group);
                _contexts.Add(group, place);
            }

            group.Add(entry, vector.Values.Span);
            entry.Group = group;
            entry.Place = _order.AddLast(entry);
            _entries.Add(entry.Key, entry);
        }
    }

    /// <summary>The nearest questions that may share an answer with this one, the nearest first.</summary>
    /// <param name="context">As in <see cref="Add"/>.</param>
    /// <param name="vector">Its embedding.</param>
    /// <param name="guard">What must be the same.</param>
    /// <param name="least">The least similarity.</param>
    internal IReadOnlyList<SemanticMatch> Search(in CacheKey context, QuestionVector vector, QuestionGuard guard, double least)
    {
        SemanticGroup? group;
        lock (_gate)
        {
            if (!_groups.TryGetValue(new Context(context, vector.Model, vector.Values.Length), out group)) return [];
        }

        var found = new List<SemanticMatch>();
        group.Search(vector.Values.Span, guard, least, found);
        found.Sort(static (one, other) => other.Similarity.CompareTo(one.Similarity));
        return found.Count <= MostMatches ? found : found[..MostMatches];
    }

    /// <summary>Its answer is no longer there.</summary>
    internal void Remove(SemanticEntry entry)
    {
        lock (_gate)
        {
            if (entry.Group is not null) Drop(entry);
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            while (_order.First is { } first) Drop(first.Value);
        }
    }

    private void Drop(SemanticEntry entry)
    {
        SemanticGroup group = entry.Group!;
        group.Remove(entry);
        if (group.Count == 0 && _contexts.Remove(group, out Context place)) _groups.Remove(place);
        _order.Remove(entry.Place!);
        _entries.Remove(entry.Key);
        entry.Group = null;
        entry.Place = null;
    }

    private readonly record struct Context(CacheKey Key, string? Model, int Dimensions);
}
