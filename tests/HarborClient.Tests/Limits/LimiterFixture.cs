using HarborClient.Limits;
using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// A limiter with a clock of its own, and requests that know how to ask it.
internal sealed class LimiterFixture(LimitOptions options)
{
    public static readonly Admission Normal = new(CallPriority.Normal, null, 10, 10, Timeout.InfiniteTimeSpan);

    private ManualTimeProvider? _time;
    private RouteLimiter? _limiter;

    public ManualTimeProvider Time => _time ??= new ManualTimeProvider();

    public RouteLimiter Limiter => _limiter ??= new RouteLimiter("host/model", options, Time, () => 0.5);

    public Task<Permit> Ask(CallPriority priority = CallPriority.Normal, string? tenant = null, long tokens = 10, TimeSpan? remaining = null, CancellationToken cancellationToken = default) =>
        Limiter.EnterAsync(new Admission(priority, tenant, tokens, 0, remaining ?? Timeout.InfiniteTimeSpan), cancellationToken).AsTask();

    // A request that the host answered after a time, so that the limiter knows how long one takes.
    public async Task Answered(TimeSpan after)
    {
        Permit permit = await Ask();
        Time.Advance(after);
        Limiter.OnFirstUpdate(ref permit, 10, isStreamed: true);
        Limiter.Exit(ref permit, null, null);
    }

    public void Exit(Permit permit) => Limiter.Exit(ref permit, null, null);
}
