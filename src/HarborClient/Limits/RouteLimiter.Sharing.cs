namespace HarborClient.Limits;

/// <content>What several processes with one credential tell one another.</content>
internal sealed partial class RouteLimiter
{
    private static readonly string[] RateNames = ["requests", "tokens", "input tokens", "output tokens"];

    /// <summary>
    /// How much of a rate the processes may leave for one another. More serves one busy process among many idle ones; less keeps what goes out in one minute
    /// after a pause nearer to the limit.
    /// </summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Those who ask first see what the others have not told of yet. With the whole of an equal part, four processes that always ask in the same order share a
    /// rate at a Jain's index of 0.92; with this part of it above 0.98.
    /// </summary>
    private const double AllottedShare = 0.4;

    // Guarded by _gate: which bucket the amounts of the last time came from, and for how many processes.
    private readonly int[] _told = new int[4];
    private int _processes = 1;
    private bool _wasUsed = true;

    /// <summary>Whether anybody asked since it was last asked, or waits or is on its way now.</summary>
    internal bool TakeUse()
    {
        lock (_gate)
        {
            bool isUsed = _wasUsed || _inFlight > 0 || _queue.Count > 0;
            _wasUsed = false;
            return isUsed;
        }
    }

    /// <summary>Moves towards the mean, and takes its part of the rates.</summary>
    internal void Nudge(double meanLimit, double meanMaximum, int processes)
    {
        Nudge(meanLimit, meanMaximum);
        lock (_gate)
        {
            _processes = Math.Max(1, processes);
            foreach (RateBucket? bucket in _pacer.Buckets) bucket?.Processes = _processes;
        }
    }

    /// <summary>What went out since it was last asked, for each rate that is known.</summary>
    internal IReadOnlyList<BucketAmount> TakeSpent()
    {
        lock (_gate)
        {
            var spent = new List<BucketAmount>(_told.Length);
            for (int i = 0; i < _told.Length; i++)
            {
                if (_pacer.Buckets[i] is not { Limit: > 0 } bucket) continue;
                _told[spent.Count] = i;
                spent.Add(new BucketAmount(new LimitBucket(RateNames[i], Math.Max(1, (long)(bucket.ForAll * Reserve.TotalMinutes)), Reserve), bucket.TakeSpent()));
            }

            return spent;
        }
    }

    /// <summary>
    /// What all processes together have left of a rate that it told of: <see cref="AllottedShare"/> of an equal part of it is this one's until the next time, and
    /// the rest stays for all.
    /// </summary>
    internal void Allot(int position, long left, TimeSpan untilNext)
    {
        lock (_gate)
        {
            _pacer.Buckets[_told[position]]?.Allot(AllottedShare * left / _processes, untilNext);
            Pump(Now());
        }
    }
}
