using System.Diagnostics;

namespace HarborClient.IntegrationTests.Stores;

// Whole clients that stand for the processes of a service: one credential, a host with 40 places, and a real Redis where they meet every two seconds of their virtual clock.
public sealed class RedisFairnessTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private const int Callers = 30;
    private const double Fair = 0.98;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    // Two of the four come late. What each got is counted in the second half.
    private static readonly TimeSpan[] JoinAt = [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)];
    private static readonly TimeSpan CountedFrom = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(300);

    private readonly ManualTimeProvider _time = new();
    private readonly List<ProcessOfTest> _processes = [];

    [RedisFact]
    public async Task Processes_that_meet_at_a_redis_get_the_same()
    {
        await using var exchange = new CountedExchange(new RedisLimitExchange($"{redis.EndPoint.Address}:{redis.EndPoint.Port}", "test" + Guid.NewGuid().ToString("N")));

        double jain = await RunAsync(exchange);

        exchange.Finished.Should().BeGreaterThan(300, "four processes met every two seconds");
        jain.Should().BeGreaterThanOrEqualTo(Fair);
    }

    [Fact]
    public async Task Processes_that_do_not_meet_do_not()
    {
        double jain = await RunAsync(null);

        jain.Should().BeLessThan(Fair, "or the exchange would not be what does it");
    }

    private async Task<double> RunAsync(CountedExchange? exchange)
    {
        using var host = new HostOfPlaces(_time, places: 40);
        DateTimeOffset start = _time.GetUtcNow();
        int[] before = new int[JoinAt.Length];
        bool isCounting = false;
        while (_time.GetUtcNow() - start < Duration)
        {
            TimeSpan elapsed = _time.GetUtcNow() - start;
            if (_processes.Count < JoinAt.Length && JoinAt[_processes.Count] <= elapsed) _processes.Add(new ProcessOfTest(_time, host, exchange, Callers));
            if (!isCounting && elapsed >= CountedFrom) (isCounting, before) = (true, [.. _processes.Select(process => process.Answered)]);
            await SettleAsync(host, exchange);
            _time.Advance(Step);
        }

        double[] got = [.. _processes.Select((process, i) => (double)(process.Answered - before[i]))];
        foreach (ProcessOfTest process in _processes) await process.DisposeAsync();
        return got.Sum() * got.Sum() / (got.Length * got.Sum(one => one * one));
    }

    // Until every caller waits for a permit or for the host, and Redis has answered: the clients' time must not run away from the server's answers.
    private async Task SettleAsync(HostOfPlaces host, CountedExchange? exchange)
    {
        var clock = Stopwatch.StartNew();
        while (host.InFlight + _processes.Sum(process => process.Queued) < _processes.Count * Callers || exchange?.Pending > 0)
        {
            if (clock.Elapsed > Guard) throw new TimeoutException("The callers have not come to rest.");
            await Task.Yield();
        }
    }
}
