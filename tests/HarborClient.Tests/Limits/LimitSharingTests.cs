using HarborClient.Limits;
using HarborClient.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace HarborClient.Tests.Limits;

// Four processes with one credential, in virtual time: the limiters are the real ones, and meet through an exchange every two seconds.
public sealed class LimitSharingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryExchange _exchange;
    private readonly List<LimitSharing> _sharings = [];

    public LimitSharingTests() => _exchange = new MemoryExchange(_time);

    [Fact]
    public async Task Limits_that_began_apart_come_together()
    {
        RouteLimiter[] limiters = [.. new[] { 64, 8, 8, 2 }.Select((initial, i) => Join(new LimitOptions { InitialInFlight = initial }, i))];

        await SumAfterBeatsAsync(30, limiters);

        double[] limits = [.. limiters.Select(limiter => limiter.Publish().Limit)];
        Jain(limits).Should().BeGreaterThanOrEqualTo(0.98);
        limits.Sum().Should().BeInRange(70, 94, "what one gives the others get");
        await StopAsync();
    }

    [Fact]
    public async Task Limits_stay_apart_without_an_exchange()
    {
        RouteLimiter[] limiters = [.. new[] { 64, 8, 8, 2 }.Select((initial, i) => new RouteLimiter("lab/model", new LimitOptions { InitialInFlight = initial }, _time, new Random(i).NextDouble))];

        for (int i = 0; i < 30; i++) _time.Advance(LimitSharing.Beat);

        Jain([.. limiters.Select(limiter => limiter.Publish().Limit)]).Should().BeLessThan(0.5);
        await StopAsync();
    }

    [Theory]
    [InlineData(10, 10, 10, 10)]
    [InlineData(200, 1, 0, 0)]
    public async Task A_rate_is_used_up_and_not_exceeded_by_all_together(int one, int two, int three, int four)
    {
        const int PerMinute = 600;
        int[] perSecond = [one, two, three, four];
        RouteLimiter[] limiters = [.. perSecond.Select((_, i) => Join(new LimitOptions { RequestsPerMinute = PerMinute, InitialInFlight = 200 }, i))];
        int[] sent = new int[4];
        var minutes = new List<int>();
        for (int tick = 0; tick < 10 * 600; tick++)
        {
            if (tick % 600 == 0) minutes.Add(0);
            for (int i = 0; i < 4; i++)
            {
                for (int call = 0; call < CallsIn(tick, perSecond[i]); call++)
                {
                    if (!limiters[i].TryEnter(new Admission(CallPriority.Normal, null, 0, 0, Timeout.InfiniteTimeSpan), out Permit permit)) break;
                    sent[i]++;
                    minutes[^1]++;
                    limiters[i].OnAccepted(ref permit);
                    limiters[i].Exit(ref permit, null, null);
                }
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        // The first minutes use up the reserve.
        minutes.Skip(3).Should().OnlyContain(count => count <= PerMinute).And.OnlyContain(count => count >= 0.95 * PerMinute);
        if (perSecond.Distinct().Count() == 1) Jain([.. sent.Select(count => (double)count)]).Should().BeGreaterThanOrEqualTo(0.98);
        else sent[1].Should().Be(600, "who asks for little gets it, and what the idle do not use, the busy get");
        await StopAsync();
    }

    [Fact]
    public async Task One_busy_process_among_twenty_idle_ones_uses_nearly_all_of_a_rate()
    {
        const int PerMinute = 600;
        RouteLimiter busy = Join(new LimitOptions { RequestsPerMinute = PerMinute, InitialInFlight = 200 }, 0);
        for (int i = 1; i <= 20; i++) Join(new LimitOptions { RequestsPerMinute = PerMinute }, i);
        var minutes = new List<int>();
        for (int tick = 0; tick < 10 * 600; tick++)
        {
            if (tick % 600 == 0) minutes.Add(0);
            while (busy.TryEnter(new Admission(CallPriority.Normal, null, 0, 0, Timeout.InfiniteTimeSpan), out Permit permit))
            {
                minutes[^1]++;
                busy.OnAccepted(ref permit);
                busy.Exit(ref permit, null, null);
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        TestReport.Add($"one busy process among twenty idle ones: {minutes.Skip(3).Average():0} of {PerMinute} requests a minute");
        minutes.Skip(3).Should().OnlyContain(count => count <= PerMinute).And.OnlyContain(count => count >= 0.95 * PerMinute);
        await StopAsync();
    }

    [Fact]
    public async Task Who_is_idle_is_not_counted_and_who_is_busy_again_is()
    {
        RouteLimiter[] limiters = [.. Enumerable.Range(0, 5).Select(i => Join(new LimitOptions(), i))];
        int atStart = _exchange.ProcessesAt("lab/key 1/model");

        await SumAfterBeatsAsync(8, limiters[..1]);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        int oneBusy = _exchange.ProcessesAt("lab/key 1/model");
        await SumAfterBeatsAsync(2, limiters);
        int allBusy = _exchange.ProcessesAt("lab/key 1/model");

        (atStart, oneBusy, allBusy).Should().Be((5, 1, 5));
        await StopAsync();
    }

    [Fact]
    public async Task A_newcomer_begins_with_the_least_and_is_given_its_part()
    {
        RouteLimiter[] old = [Join(new LimitOptions { InitialInFlight = 30 }, 0), Join(new LimitOptions { InitialInFlight = 30 }, 1)];
        foreach (RouteLimiter limiter in old) Refuse(limiter, 30);
        double before = await SumAfterBeatsAsync(5, old);

        RouteLimiter newcomer = Join(new LimitOptions(), 2);
        double first = newcomer.Limit;
        double after = await SumAfterBeatsAsync(30, [.. old, newcomer]);

        first.Should().BeLessThan(before / 3, "more than there is would be refused");
        newcomer.Limit.Should().BeApproximately(before / 3, 0.1 * before / 3);
        after.Should().BeLessThan(1.1 * before);
        await StopAsync();
    }

    [Fact]
    public async Task The_loop_ends_with_its_owner()
    {
        Join(new LimitOptions(), 0);
        _time.PendingTimers.Should().BePositive();

        await StopAsync();

        _time.PendingTimers.Should().Be(0);
        int operations = _exchange.Operations;
        _time.Advance(TimeSpan.FromMinutes(1));
        _exchange.Operations.Should().Be(operations);
    }

    // The host takes as many, and refuses one more.
    private static void Refuse(RouteLimiter limiter, int accepted)
    {
        var permits = new Permit[accepted];
        for (int i = 0; i < accepted; i++)
        {
            permits[i] = limiter.EnterUnchecked(LimiterFixture.Normal);
            limiter.OnAccepted(ref permits[i]);
        }

        Permit refused = limiter.EnterUnchecked(LimiterFixture.Normal);
        limiter.OnRejected(ref refused, RejectClass.Concurrency, null);
        limiter.Exit(ref refused, null, null);
        for (int i = 0; i < accepted; i++) limiter.Exit(ref permits[i], null, null);
    }

    // All of them in use.
    private async Task<double> SumAfterBeatsAsync(int beats, RouteLimiter[] limiters)
    {
        for (int beat = 0; beat < beats; beat++)
        {
            foreach (RouteLimiter limiter in limiters)
            {
                Permit permit = limiter.EnterUnchecked(LimiterFixture.Normal);
                limiter.Exit(ref permit, null, null);
            }

            _time.Advance(LimitSharing.Beat);
            await Task.Yield();
        }

        return limiters.Sum(limiter => limiter.Limit);
    }

    // Ten ticks are a second.
    private static int CallsIn(int tick, int perSecond) => perSecond >= 10 ? perSecond / 10 : tick % 10 < perSecond ? 1 : 0;

    private RouteLimiter Join(LimitOptions options, int seed)
    {
        var limiter = new RouteLimiter("lab/model", options, _time, new Random(seed).NextDouble);
        var sharing = new LimitSharing(_exchange, isOwned: false, _time, NullLogger.Instance);
        sharing.Add(new SharedRoute("lab/key 1/model", limiter));
        _sharings.Add(sharing);
        return limiter;
    }

    private async Task StopAsync()
    {
        foreach (LimitSharing sharing in _sharings) await sharing.DisposeAsync().AsTask().Guarded();
    }

    private static double Jain(double[] values) => Math.Pow(values.Sum(), 2) / (values.Length * values.Sum(value => value * value));
}
