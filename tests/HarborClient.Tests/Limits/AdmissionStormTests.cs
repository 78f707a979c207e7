using HarborClient.Limits;
using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// Thousands that ask, wait, are displaced, refused and cancelled, of many tenants and priorities, while the host refuses, fails and answers at random.
public sealed class AdmissionStormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_left_of_a_storm(int seed)
    {
        var time = new ManualTimeProvider();
        var limiter = new RouteLimiter("host/model", new LimitOptions { MaximumQueued = 200, RequestsPerMinute = 3000, TokensPerMinute = 100_000 }, time, new Random(seed).NextDouble);
        var random = new Random(seed);
        List<(Task<Permit> Task, CancellationTokenSource Source)> waiting = [];
        List<Permit> held = [];
        for (int step = 0; step < 20_000; step++)
        {
            for (int i = random.Next(4); i > 0; i--)
            {
                var source = new CancellationTokenSource();
                if (random.Next(20) == 0) source.Cancel();
                TimeSpan remaining = random.Next(5) switch { 0 => TimeSpan.FromSeconds(random.NextDouble()), 1 => TimeSpan.FromSeconds(-1), 2 => TimeSpan.MaxValue, _ => Timeout.InfiniteTimeSpan };
                var admission = new Admission((CallPriority)random.Next(4), "t" + random.Next(50), random.Next(5000), random.Next(10) == 0 ? int.MaxValue : random.Next(500), remaining);
                waiting.Add((limiter.EnterAsync(admission, source.Token).AsTask(), source));
            }

            if (waiting.Count > 0 && random.Next(3) == 0) waiting[random.Next(waiting.Count)].Source.Cancel();
            for (int i = waiting.Count - 1; i >= 0; i--)
            {
                if (!waiting[i].Task.IsCompleted) continue;
                if (waiting[i].Task.IsCompletedSuccessfully) held.Add(await waiting[i].Task);
                else _ = waiting[i].Task.Exception;
                waiting.RemoveAt(i);
            }

            for (int i = held.Count - 1; i >= 0; i--)
            {
                Permit permit = held[i];
                switch (random.Next(12))
                {
                    case 0: limiter.OnAccepted(ref permit); break;
                    case 1: limiter.OnFirstUpdate(ref permit, random.Next(10_000), random.Next(2) == 0); break;
                    case 2: limiter.OnRejected(ref permit, (RejectClass)random.Next(4), random.Next(3) switch { 0 => null, 1 => TimeSpan.FromSeconds(random.Next(10)), _ => TimeSpan.Zero }); break;
                    case 3: limiter.OnFailed(ref permit); break;
                    case 4: limiter.OnRateLimits(new RateLimitFacts(new RateFact(random.Next(5000), random.Next(100)), new RateFact(random.Next(200_000), random.Next(10_000)), default, default)); break;
                    case 5 or 6 or 7:
                        limiter.Exit(ref permit, random.Next(2) == 0 ? null : random.Next(10_000), random.Next(2) == 0 ? null : random.Next(10_000));
                        held.RemoveAt(i);
                        continue;
                }

                held[i] = permit;
            }

            if (random.Next(3) == 0) time.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
            if (random.Next(2000) == 0) time.Advance(TimeSpan.FromDays(random.Next(1, 2000)));
        }

        time.Advance(TimeSpan.FromMinutes(1));
        foreach ((Task<Permit> task, _) in waiting)
        {
            if (await Task.WhenAny(task.Guarded()) is var done && task.IsCompletedSuccessfully) held.Add(await task);
            _ = done.Exception;
        }

        foreach (Permit each in held)
        {
            Permit permit = each;
            limiter.Exit(ref permit, null, null);
        }

        limiter.InFlight.Should().Be(0);
        limiter.Queued.Should().Be(0);
        time.Advance(TimeSpan.FromMinutes(15));
        limiter.TryEnter(new Admission(CallPriority.Normal, null, 10, 10, Timeout.InfiniteTimeSpan), out Permit last).Should().BeTrue($"limit {limiter.Limit}");
        limiter.OnFirstUpdate(ref last, 10, true);
        limiter.Exit(ref last, 10, 10);
    }
}
