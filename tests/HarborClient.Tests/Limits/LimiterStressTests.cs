using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Many threads at once, on the system's clock: nobody waits on it, the callers only race.
public sealed class LimiterStressTests
{
    [Fact]
    public async Task Requests_in_flight_never_exceed_the_limit_and_no_permit_is_lost_on_any_path()
    {
        var limiter = new RouteLimiter("host/model", new LimitOptions { MaximumInFlight = 7, InitialInFlight = 7, MinimumInFlight = 7, MaximumQueued = 40, MaximumWait = TimeSpan.FromMinutes(1) }, TimeProvider.System, () => 0.5);
        int inFlight = 0;
        int most = 0;
        int refused = 0;
        int cancelled = 0;

        async Task Caller(int seed)
        {
            var random = new Random(seed);
            for (int i = 0; i < 2000; i++)
            {
                using var source = new CancellationTokenSource();
                if (random.Next(10) == 0) source.Cancel();
                var admission = new Admission((CallPriority)random.Next(4), $"tenant {random.Next(3)}", random.Next(2000), 10, Timeout.InfiniteTimeSpan);
                ValueTask<Permit> entering = limiter.EnterAsync(admission, source.Token);
                if (random.Next(5) == 0) source.Cancel();
                Permit permit;
                try
                {
                    permit = await entering;
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                    continue;
                }
                catch (HarborException)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                InterlockedMax(ref most, Interlocked.Increment(ref inFlight));
                if (random.Next(2) == 0) await Task.Yield();
                Interlocked.Decrement(ref inFlight);
                switch (random.Next(5))
                {
                    case 0: break;
                    case 1: limiter.OnFailed(ref permit); break;
                    case 2: limiter.OnAccepted(ref permit); limiter.OnFailed(ref permit); break;
                    default: limiter.OnFirstUpdate(ref permit, 100, isStreamed: true); break;
                }

                limiter.Exit(ref permit, null, null);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 64).Select(seed => Task.Run(() => Caller(seed)))).WaitAsync(TimeSpan.FromSeconds(60));

        most.Should().BeInRange(2, 7);
        (limiter.InFlight, limiter.Queued).Should().Be((0, 0));
        cancelled.Should().BePositive();
        TestReport.Add($"limiter stress: 128,000 requests, at most {most} in flight, {cancelled} cancelled, {refused} refused");
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
