using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// The caller, or the client's disposal, comes at each moment at which a call waits for something: while it retries, queues, fails over, hedges and starts over.
public sealed class CancelWalkTests
{
    private const int MostMoments = 40;

    public static TheoryData<PerformanceMode, bool, bool> Ways
    {
        get
        {
            var ways = new TheoryData<PerformanceMode, bool, bool>();
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                foreach (bool streams in new[] { false, true })
                {
                    foreach (bool disposes in new[] { false, true }) ways.Add(mode, streams, disposes);
                }
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Whoever_leaves_at_any_moment_leaves_nothing_behind(PerformanceMode mode, bool streams, bool disposes)
    {
        for (int moment = 0; moment < MostMoments; moment++)
        {
            if (await LeaveAtAsync(mode, streams, disposes, moment)) return;
        }
    }

    private static async Task<bool> LeaveAtAsync(PerformanceMode mode, bool streams, bool disposes, int moment)
    {
        var time = new ManualTimeProvider();
        ProviderEmulator a = new ProviderEmulator(time).Respond(attempt => (attempt.Number % 4) switch
        {
            0 => EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(0.5)),
            1 => EmulatedReply.Error(429, 1).DelayBeforeHeaders(TimeSpan.FromSeconds(0.5)),
            2 => EmulatedReply.Answer(["one ", "two ", "three"]).DelayBeforeFirstUpdate(TimeSpan.FromSeconds(3)).DelayBetweenUpdates(TimeSpan.FromSeconds(0.3)).CutAfterUpdates(2),
            _ => EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(0.2)),
        });
        ProviderEmulator b = new ProviderEmulator(time).Respond(attempt => (attempt.Number % 3) switch
        {
            0 => EmulatedReply.Answer(["one ", "two"]).DelayBetweenUpdates(TimeSpan.FromSeconds(0.3)).DelayBeforeFirstUpdate(TimeSpan.FromSeconds(2)),
            1 => EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(0.5)),
            _ => EmulatedReply.Answer(["one ", "x"]).DelayBetweenUpdates(TimeSpan.FromSeconds(0.3)).CutAfterUpdates(1),
        });
        FastClient client = FastClient.Create(builder => builder
            .AddLocal("a", new Uri("http://a.test:8000/v1/"), local => { local.UseHandler(a.CreateHandler()); local.Limits.MaximumInFlight = 2; })
            .AddLocal("b", new Uri("http://b.test:8000/v1/"), local => { local.UseHandler(b.CreateHandler()); local.Limits.MaximumInFlight = 2; })
            .MapModel("chat", "a/one", "b/two").UseDefaultModel("chat").UseTimeProvider(time).UseMode(mode).UseRandomSeed(moment).UseHedging());
        using var leave = new CancellationTokenSource();
        Task[] calls = [.. Enumerable.Range(0, 6).Select(_ => CallAsync(client, streams, leave.Token))];
        Task all = Task.WhenAll(calls);
        for (int step = 0; step < moment && !all.IsCompleted; step++)
        {
            await RestAsync(time, all);
            if (time.PendingDues is [var first, ..]) time.Advance(first);
        }

        bool isOver = all.IsCompleted;
        if (disposes) await client.DisposeAsync().AsTask().Guarded();
        else await leave.CancelAsync();
        // Without a moment passing on the clock.
        await all.Guarded();
        DateTime end = DateTime.UtcNow + TestClients.Guard;
        while (client.Outstanding() != Outstanding.None && DateTime.UtcNow < end) await Task.Yield();
        client.Outstanding().Should().Be(Outstanding.None, $"moment {moment}");
        client.Health.Targets.Should().OnlyContain(target => target.InFlight == 0 && target.Queued == 0, $"moment {moment}");
        await client.DisposeAsync();
        return isOver;
    }

    private static async Task RestAsync(ManualTimeProvider time, Task all)
    {
        int quiet = 0;
        long seen = -1;
        while (quiet < 8 && !all.IsCompleted)
        {
            long uses = time.PendingTimers;
            quiet = uses == seen ? quiet + 1 : 0;
            seen = uses;
            await Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
        }
    }

    private static async Task CallAsync(FastClient client, bool streams, CancellationToken token)
    {
        try
        {
            HarborChatOptions options = new() { MidStream = MidStreamPolicy.Restart, TotalTimeout = TimeSpan.FromSeconds(30) };
            if (streams) await client.GetStreamingResponseAsync("hi", options, token).ToListAsync();
            else await client.GetResponseAsync("hi", options, token);
        }
        catch (Exception e) when (e is HarborException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
