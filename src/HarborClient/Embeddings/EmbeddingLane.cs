using HarborClient.Providers;

namespace HarborClient.Embeddings;

/// <summary>
/// The embedding calls of one model: how many requests are under way, and who waits to share the next one. Thread-safe. Calls wait only while as many
/// requests as the limits allow are under way, so whoever ends one starts the next.
/// </summary>
internal sealed class EmbeddingLane(EmbeddingLimits limits, IReadOnlyList<Target> targets, TimeProvider time, Action<List<EmbeddingMember>> start)
{
    private readonly Lock _gate = new();

    // All guarded by _gate. A key has its turn as long as somebody waits under it, so that none has to wait for all of another's.
    private readonly Dictionary<BatchKey, Queue<EmbeddingMember>> _waiting = [];
    private readonly Queue<BatchKey> _turns = new();
    private ITimer? _timer;
    private int _running;
    private bool _isClosed;

    internal EmbeddingLimits Limits => limits;

    /// <summary>Most texts in a request now: what the providers take, or fewer where the tuning of a target that may be asked says so.</summary>
    internal int MostItems
    {
        get
        {
            int most = limits.MaxItems;
            for (int i = 0; i < targets.Count; i++)
            {
                if (targets[i].SuggestedBatch is { } tuned && tuned < most) most = tuned;
            }

            return most;
        }
    }

    /// <summary>A request goes out now, if fewer are under way than may be.</summary>
    internal bool TryEnter()
    {
        lock (_gate)
        {
            if (_running >= limits.MaxConcurrentBatches) return false;
            _running++;
            return true;
        }
    }

    /// <summary>A request goes out in any case: a piece of a large call.</summary>
    internal void Enter()
    {
        lock (_gate) _running++;
    }

    /// <summary>A request has ended: the next batch starts.</summary>
    internal void Leave()
    {
        List<EmbeddingMember>? batch = null;
        lock (_gate)
        {
            _running--;
            if (_running < limits.MaxConcurrentBatches) batch = Take();
            if (batch is not null) _running++;
        }

        if (batch is not null) start(batch);
    }

    /// <summary>Waits for company, and for a request to end.</summary>
    internal void Add(EmbeddingMember member)
    {
        List<EmbeddingMember>? batch = null;
        lock (_gate)
        {
            if (_isClosed)
            {
                // Not thrown: it may have been cancelled meanwhile, and its first end is the one to be seen.
                member.Fail(Disposed());
                return;
            }

            if (!_waiting.TryGetValue(member.Key, out Queue<EmbeddingMember>? queue))
            {
                _waiting.Add(member.Key, queue = new Queue<EmbeddingMember>());
                _turns.Enqueue(member.Key);
                if (_turns.Count == 1) StartClock();
            }

            queue.Enqueue(member);

            // The last request may have ended since the caller looked.
            if (_running < limits.MaxConcurrentBatches) batch = Take();
            if (batch is not null) _running++;
        }

        if (batch is not null) start(batch);
    }

    /// <summary>The client is disposed: nobody waits any longer.</summary>
    internal void Close()
    {
        List<EmbeddingMember> left = [];
        lock (_gate)
        {
            _isClosed = true;
            foreach (Queue<EmbeddingMember> queue in _waiting.Values) left.AddRange(queue);
            _waiting.Clear();
            _turns.Clear();
            _timer?.Dispose();
            _timer = null;
        }

        foreach (EmbeddingMember member in left) member.Fail(Disposed());
    }

    /// <summary>Somebody has waited long enough: all go out, although the requests before them have not ended.</summary>
    private void OnTimer()
    {
        List<List<EmbeddingMember>> batches = [];
        lock (_gate)
        {
            while (Take() is { } batch) batches.Add(batch);
            _running += batches.Count;
        }

        foreach (List<EmbeddingMember> batch in batches) start(batch);
    }

    private static ObjectDisposedException Disposed() => new(nameof(FastClient), "The FastClient was disposed while the call was waiting.");

    private void StartClock()
    {
        if (_timer is not null)
        {
            _timer.Change(limits.MaxWait, Timeout.InfiniteTimeSpan);
            return;
        }

        // The timer must not carry the async locals of the caller who happened to be first.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static lane => ((EmbeddingLane)lane!).OnTimer(), this, limits.MaxWait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The next batch, of one key; null when nobody waits. Who has left meanwhile is dropped.</summary>
    private List<EmbeddingMember>? Take()
    {
        int most = MostItems;
        while (_turns.TryDequeue(out BatchKey? key))
        {
            Queue<EmbeddingMember> queue = _waiting[key];
            List<EmbeddingMember>? batch = null;
            int items = 0;
            long tokens = 0;
            while (queue.TryPeek(out EmbeddingMember? member))
            {
                if (!member.IsDone)
                {
                    items += member.Inputs.Length;
                    tokens += member.Tokens;
                    if (batch is not null && (items > most || tokens > limits.MaxTokens)) break;
                    (batch ??= []).Add(member);
                }

                queue.Dequeue();
            }

            if (queue.Count > 0) _turns.Enqueue(key);
            else _waiting.Remove(key);
            if (batch is not null) return batch;
        }

        return null;
    }
}
