using HarborClient.Testing;

namespace HarborClient.Tests.Faults;

// Whole hosts that go away and come back under load, in virtual time.
public sealed class OutageTests
{
    private const int CallsPerSecond = 10;
    private const int Callers = 1000;

    // The extra load that a route's retry budget allows: a tenth of its calls, a reserve of ten, and one back every ten seconds.
    private const double ExtraLoad = 1.1;
    private const int Reserve = 10;
    private const int SecondsPerToken = 10;

    // A probe, its repetition and one that was already under way.
    private const int MostPerProbeWindow = 3;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1.0 / CallsPerSecond);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    public static TheoryData<PerformanceMode, string> Storms
    {
        get
        {
            var storms = new TheoryData<PerformanceMode, string>();
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                foreach (string failure in new[] { "refused", "500", "503", "429", "never answered" }) storms.Add(mode, failure);
            }

            return storms;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_primary_that_is_down_for_a_minute_is_left_alone_and_found_again_within_five_seconds(PerformanceMode mode)
    {
        TimeSpan down = TimeSpan.FromSeconds(30);
        TimeSpan up = TimeSpan.FromSeconds(90);
        ProviderEmulator primary = Host("primary").Down(down, up);
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, primary, Host("fallback"));

        List<TrafficCall> calls = await new Traffic(_time, client).SteadyAsync(TimeSpan.FromSeconds(120), Every, PlainAsync);

        calls.Should().OnlyContain(call => call.Error == null, "the fallback answers");
        calls.Where(call => call.Began < down).Should().OnlyContain(call => call.Host == "a");
        TimeSpan[] asked = [.. TimesOf(primary).Where(time => time >= down && time < up)];
        TimeSpan opened = OpenedAt(asked);
        opened.Should().BeLessThan(down + TimeSpan.FromSeconds(20), "half of the attempts of the last 30 s have failed by then");
        ShouldOnlyBeProbed([.. asked.Where(time => time > opened)]);
        calls.First(call => call.Began >= up && call.Host == "a").Began.Should().BeLessThanOrEqualTo(up + Break);
        calls.Where(call => call.Began >= up + Break + (2 * Every)).Should().OnlyContain(call => call.Host == "a", "two probes in a row close the breaker");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_primary_that_flaps_every_ten_seconds_costs_no_call_and_little_extra_load(PerformanceMode mode)
    {
        TimeSpan period = TimeSpan.FromSeconds(10);
        TimeSpan duration = TimeSpan.FromSeconds(200);
        ProviderEmulator primary = Host("primary").Flapping(period, period);
        ProviderEmulator fallback = Host("fallback");
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, primary, fallback);

        List<TrafficCall> calls = await new Traffic(_time, client).SteadyAsync(duration, Every, PlainAsync);

        calls.Should().OnlyContain(call => call.Error == null);
        calls.Should().OnlyContain(call => call.Took <= TimeSpan.FromSeconds(1), "one back-off at most");
        primary.Attempts.Count.Should().BeLessThanOrEqualTo(Most(calls.Count, duration));
        fallback.Attempts.Count.Should().BeLessThanOrEqualTo(Most(calls.Count, duration));
        calls.Where(call => call.Began.TotalSeconds % 20 is > 5.3 and < 10).Should().OnlyContain(call => call.Host == "a", "a host that is back is found within five seconds");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Storms))]
    public async Task A_thousand_callers_hammer_nobody_when_everything_is_down(PerformanceMode mode, string failure)
    {
        TimeSpan deadline = TimeSpan.FromSeconds(20);
        ProviderEmulator primary = Host("primary").Down(TimeSpan.Zero, TimeSpan.FromSeconds(100), Reply(failure));
        ProviderEmulator fallback = Host("fallback").Down(TimeSpan.Zero, TimeSpan.FromSeconds(100), Reply(failure));
        await using FastClient client = TestClients.Chain(_time, mode, builder => builder.UseClocks(clocks => clocks.TotalTimeout = deadline), 3, primary, fallback);

        List<TrafficCall> calls = await new Traffic(_time, client).BurstAsync(Callers, PlainAsync);

        calls.Should().OnlyContain(call => call.Error != null);
        calls.Should().OnlyContain(call => call.Took <= deadline + Grace, "nobody returns later than the deadline");
        int probes = (int)(deadline / Break) * MostPerProbeWindow;
        primary.Attempts.Count.Should().BeLessThanOrEqualTo(Most(Callers, deadline) + probes);
        fallback.Attempts.Count.Should().BeLessThanOrEqualTo(Most(Callers, deadline) + probes);
        client.Outstanding().Should().Be(Outstanding.None);
        await _time.AdvanceUntil(Task.Delay(TimeSpan.FromSeconds(101) - (_time.GetUtcNow() - Start), _time));
        Task<ChatResponse> healthy = client.GetResponseAsync("hi");
        await _time.AdvanceUntil(healthy);
        (await healthy).Text.Should().Be("primary", "a call that comes when all is well again succeeds");
    }

    private static readonly DateTimeOffset Start = new ManualTimeProvider().GetUtcNow();

    private static Task<ChatResponse> PlainAsync(FastClient client) => client.GetResponseAsync("hi");

    private static IEnumerable<TimeSpan> TimesOf(ProviderEmulator host) => host.Attempts.Select(attempt => attempt.ReceivedAt - Start);

    private static int Most(int calls, TimeSpan duration) => (int)((calls * ExtraLoad) + Reserve + (duration.TotalSeconds / SecondsPerToken));

    // The last attempt before nobody asks for a break: a tick of the traffic may be missing from it.
    private static TimeSpan OpenedAt(TimeSpan[] asked)
    {
        for (int i = 1; i < asked.Length; i++)
        {
            if (asked[i] - asked[i - 1] >= Break - Every) return asked[i - 1];
        }

        throw new InvalidOperationException($"The breaker has not opened: the host was asked {asked.Length} times.");
    }

    private static void ShouldOnlyBeProbed(TimeSpan[] asked)
    {
        foreach (TimeSpan from in asked)
        {
            asked.Count(time => time >= from && time < from + Break - Every).Should().BeLessThanOrEqualTo(MostPerProbeWindow, "the dead host is only probed");
        }
    }

    private static EmulatedReply Reply(string failure) => failure switch
    {
        "refused" => new EmulatedReply().ConnectionRefused(),
        "never answered" => new EmulatedReply().NeverAnswer(),
        _ => EmulatedReply.Error(int.Parse(failure, null)),
    };

    private ProviderEmulator Host(string text) => new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(text));
}
