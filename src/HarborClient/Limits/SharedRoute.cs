namespace HarborClient.Limits;

/// <summary>A <see cref="RouteLimiter"/> as other processes see it.</summary>
/// <param name="name">The same in every process that uses the credential, and not the credential itself.</param>
/// <param name="limiter">What it limits.</param>
internal sealed class SharedRoute(string name, RouteLimiter limiter) : ISharedRoute
{
    public string Name => name;

    public bool TakeUse() => limiter.TakeUse();

    public LimitShare Publish() => limiter.Publish();

    public void Nudge(LimitShare mean) => limiter.Nudge(mean.Limit, mean.Maximum, mean.Processes);

    public IReadOnlyList<BucketAmount> TakeSpent() => limiter.TakeSpent();

    public void Allot(int position, long left, TimeSpan untilNext) => limiter.Allot(position, left, untilNext);
}
