namespace HarborClient.Caching;

/// <summary>
/// What was removed lately, so that an entry which was on its way meanwhile is neither delivered nor written. A removal that the level has not carried out stays until it has.
/// Bounded; thread-safe.
/// </summary>
internal sealed class LevelRemovals(TimeProvider time)
{
    /// <summary>
    /// Beyond it the oldest is forgotten that the level has carried out. Where there is none, the oldest stands for everything that was made before it: a removal too many costs a
    /// call, one too few a wrong answer.
    /// </summary>
    private const int MostRemovals = 1_000;

    /// <summary>What is on its way in another process has arrived by then.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    // Replaced under _gate, oldest first; read without it.
    private volatile Removal[] _removals = [];
    private long _everythingBefore;
    private long _version;

    /// <summary>Where the removals stand: what was asked for or queued at one moment is checked against those that came after it.</summary>
    internal long Version => Interlocked.Read(ref _version);

    /// <summary>Those that the level has not carried out.</summary>
    internal Removal[] Pending => Array.FindAll(_removals, removal => !removal.IsDone);

    /// <summary>From now on entries of this selection that were made before now do not count.</summary>
    /// <param name="selection">What is removed.</param>
    /// <param name="isDone">Whether another process sees to it that the level carries it out.</param>
    internal Removal Add(CacheSelection selection, bool isDone = false)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            var added = new Removal(selection, now, Interlocked.Read(ref _version) + 1) { IsDone = isDone };
            var kept = new List<Removal>(_removals.Length + 1);
            foreach (Removal removal in _removals)
                if (removal.IsDone ? now - removal.At < Kept && removal.Selection != selection : isDone || removal.Selection != selection) kept.Add(removal);
            if (kept.Count == MostRemovals) Forget(kept);
            kept.Add(added);
            _removals = [.. kept];

            // Last: who reads the new version finds the removal too.
            Interlocked.Increment(ref _version);
            return added;
        }
    }

    /// <summary>Whether an entry does not count.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="item">The entry.</param>
    /// <param name="version">Where the removals stood when it was asked for, or queued.</param>
    internal bool IsRemoved(string key, CacheItem item, long version)
    {
        Removal[] removals = _removals;
        if (removals.Length == 0) return false;
        if (item.CreatedAt.UtcTicks < Interlocked.Read(ref _everythingBefore)) return true;
        foreach (Removal removal in removals)
            if (removal.Outdates(item, version) && removal.Selection.Means(key, item.Tags)) return true;
        return false;
    }

    /// <summary>Whether what was asked for, and arrives now, was removed meanwhile.</summary>
    /// <param name="item">What is to be kept in memory.</param>
    /// <param name="version">Where the removals stood when it was asked for.</param>
    internal bool Means(MemoryItem item, long version)
    {
        foreach (Removal removal in _removals)
            if (removal.Version > version && item.IsSelected(removal.Selection)) return true;
        return false;
    }

    private void Forget(List<Removal> removals)
    {
        int done = removals.FindIndex(removal => removal.IsDone);
        if (done < 0) Interlocked.Exchange(ref _everythingBefore, removals[0].At.UtcTicks);
        removals.RemoveAt(Math.Max(0, done));
    }

    internal sealed class Removal(CacheSelection selection, DateTimeOffset at, long version)
    {
        private volatile bool _isDone;

        internal CacheSelection Selection => selection;

        internal DateTimeOffset At => at;

        internal long Version => version;

        internal bool IsDone
        {
            get => _isDone;
            set => _isDone = value;
        }

        /// <summary>Made at the very same time: after the removal, if the level has carried it out and still has the entry.</summary>
        internal bool Outdates(CacheItem item, long seen) => version > seen || item.CreatedAt < at || (!_isDone && item.CreatedAt == at);
    }
}
