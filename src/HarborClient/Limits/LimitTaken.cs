namespace HarborClient;

/// <summary>What came of taking: everything or nothing.</summary>
public readonly record struct LimitTaken
{
    private readonly int _refusedBy;

    private LimitTaken(int refusedBy, TimeSpan retryAfter)
    {
        // One more than the position, so that the default value means what it says: taken.
        _refusedBy = refusedBy + 1;
        RetryAfter = retryAfter;
    }

    /// <summary>Everything was taken.</summary>
    public static LimitTaken Taken => default;

    /// <summary>Whether everything was taken.</summary>
    public bool IsTaken => _refusedBy == 0;

    /// <summary>The position of the bucket that refused, among those that were asked for; their number when there was no slot; -1 when everything was taken.</summary>
    public int RefusedBy => _refusedBy - 1;

    /// <summary>When the bucket that refused would have had enough. Zero when taken, and when there was no slot: nobody knows when one becomes free.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>Nothing was taken.</summary>
    /// <param name="by">The position of the bucket that refused; the number of buckets when there was no slot.</param>
    /// <param name="retryAfter">When it would have had enough.</param>
    /// <returns>The result.</returns>
    public static LimitTaken Refused(int by, TimeSpan retryAfter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(by);
        return new LimitTaken(by, retryAfter);
    }
}
