namespace HarborClient.Limits;

/// <content>What several processes with one credential tell one another.</content>
internal sealed partial class RouteLimiter
{
    private static readonly string[] RateNames = ["requests", "tokens", "input tokens", "output tokens"];
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Guarded by _gate: which bucket the amounts of the last time came from, and for how many processes.
    private readonly int[] _told = new int[4];
    private int _processes = 1;

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
                spent.Add(new BucketAmount(new LimitBucket(RateNames[i], bucket.ForAll, Minute), bucket.TakeSpent()));
            }

            return spent;
        }
    }

    /// <summary>What all processes together have left of a rate that it told of: an equal part of it is this one's until the next time, and what is not used stays for all.</summary>
    internal void AtMost(int position, long left)
    {
        lock (_gate) _pacer.Buckets[_told[position]]?.AtMost(left > 0 ? (double)left / _processes : left);
    }
}
