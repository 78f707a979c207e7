using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Requests that are asked anew again and again.
public sealed class ScheduledRefreshTests
{
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _time = new();

    private static CacheRequest Own(Func<CancellationToken, ValueTask<string>> function, string key = "key", TimeSpan? ttl = null) => CacheRequest.Value(key, function, OwnJson.Default.String, ttl);

    private static Task UntilAsync(CacheSchedule schedule, int runs) => LevelFixture.UntilAsync(() => schedule.Status is { IsRunning: false, NextRun: not null } status && status.Runs >= runs);

    private async Task NextAsync(CacheSchedule schedule, TimeSpan by)
    {
        int runs = schedule.Status.Runs;
        await _time.TimerSet(by);
        _time.Advance(by);
        await UntilAsync(schedule, runs + 1);
    }

    [Fact]
    public async Task A_value_is_made_at_once_and_then_at_its_interval_and_always_there()
    {
        await using FastClient client = OwnClients.Create(_time);
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting();
        DateTimeOffset start = _time.GetUtcNow();

        CacheSchedule schedule = client.Cache.ScheduleRefresh(Own(function), "5m");
        await UntilAsync(schedule, 1);
        for (int i = 0; i < 3; i++) await NextAsync(schedule, FiveMinutes);
        string value = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made by a caller"), OwnJson.Default.String);

        value.Should().Be("value 4");
        schedule.Status.Should().Be(new CacheScheduleStatus { Runs = 4, LastRun = start + (3 * FiveMinutes), NextRun = start + (4 * FiveMinutes) });
        (schedule.Name, schedule.Every).Should().Be(("key", FiveMinutes));
        client.Cache.Schedules.Should().Equal(schedule);
    }

    [Fact]
    public async Task A_chat_is_asked_anew_and_kept_for_twice_the_interval()
    {
        int asked = 0;
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {Interlocked.Increment(ref asked)}"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => (c.TtlJitter, c.RefreshAfter) = (0, 1)));
        CacheSchedule schedule = client.Cache.ScheduleRefresh(CacheRequest.Chat("hi"), TimeSpan.FromHours(1));
        await UntilAsync(schedule, 1);
        await NextAsync(schedule, TimeSpan.FromHours(1));
        await schedule.DisposeAsync();
        Task<ChatResponse> FindAsync() => client.GetResponseAsync("hi", new HarborChatOptions { Cache = CachePolicy.Only });

        _time.Advance(TimeSpan.FromHours(1.9));
        string found = (await FindAsync()).Text;
        _time.Advance(TimeSpan.FromHours(0.1));

        found.Should().Be("answer 2");
        await FluentActions.Awaiting(FindAsync).Should().ThrowAsync<HarborException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_priority_of_its_chats_is_the_schedules()
    {
        var seen = new List<CallPriority>();
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.AddStage(StageScope.Call, next => new Watching(next, call => seen.Add(call.Settings.Priority))));

        await UntilAsync(client.Cache.ScheduleRefresh(CacheRequest.Chat("a"), "1h"), 1);
        await UntilAsync(client.Cache.ScheduleRefresh(CacheRequest.Chat("b"), "1h", CallPriority.Batch), 1);

        seen.Should().Equal(CallPriority.Background, CallPriority.Batch);
    }

    [Fact]
    public async Task What_fails_is_logged_and_told_and_the_schedule_goes_on()
    {
        var logs = new RecordedLogs();
        await using FastClient client = OwnClients.Create(_time, b => b.UseLoggerFactory(logs));
        CacheSchedule schedule = client.Cache.ScheduleRefresh(
            CacheRequest.Value(
                "key",
                OwnFunction.Counting(run =>
                {
                    if (run == 2) throw new IOException("down");
                }),
                OwnJson.Default.String,
                name: "the menu"),
            "5m");
        await UntilAsync(schedule, 1);

        await NextAsync(schedule, FiveMinutes);
        CacheScheduleStatus failed = schedule.Status;
        string meanwhile = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made by a caller"), OwnJson.Default.String);
        await NextAsync(schedule, FiveMinutes);

        (failed.Runs, failed.Failures, failed.LastError!.Message).Should().Be((2, 1, "down"));
        meanwhile.Should().Be("value 1", "one failure leaves no gap");
        (schedule.Status.Runs, schedule.Status.Failures, schedule.Status.LastError).Should().Be((3, 1, null));
        logs.Of(44).Should().ContainSingle().Which.Message.Should().Contain("the menu");
    }

    [Fact]
    public async Task Runs_do_not_overlap_and_times_that_were_missed_are_skipped()
    {
        await using FastClient client = OwnClients.Create(_time);
        var held = new OwnFunction();
        CacheSchedule schedule = client.Cache.ScheduleRefresh(Own(held.RunAsync), "5m");
        await held.Started;
        DateTimeOffset start = _time.GetUtcNow();
        schedule.Status.Should().Be(new CacheScheduleStatus { IsRunning = true, LastRun = start });

        _time.Advance(TimeSpan.FromMinutes(12));
        held.End("slow");
        await UntilAsync(schedule, 1);

        held.Runs.Should().Be(1);
        schedule.Status.NextRun.Should().Be(start + TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Disposing_it_waits_for_the_run_that_is_under_way_and_begins_no_other()
    {
        await using FastClient client = OwnClients.Create(_time);
        var held = new OwnFunction();
        CacheSchedule schedule = client.Cache.ScheduleRefresh(Own(held.RunAsync), "5m");
        await held.Started;

        Task end = schedule.DisposeAsync().AsTask();
        bool wasOver = end.IsCompleted;
        held.End("to the end");
        await end.Guarded();

        wasOver.Should().BeFalse();
        held.Token.IsCancellationRequested.Should().BeFalse();
        (await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made by a caller"), OwnJson.Default.String)).Should().Be("to the end");
        (schedule.Status.NextRun, _time.PendingTimers).Should().Be((null, 0));
        client.Cache.Schedules.Should().BeEmpty();
    }

    [Fact]
    public async Task All_can_be_stopped_at_once_and_others_made_later()
    {
        await using FastClient client = OwnClients.Create(_time);
        var held = new OwnFunction();
        for (int i = 0; i < 10; i++) await UntilAsync(client.Cache.ScheduleRefresh(Own(OwnFunction.Counting(), $"key {i}"), "5m"), 1);
        client.Cache.ScheduleRefresh(Own(held.RunAsync), "5m");
        await held.Started;

        await FluentActions.Awaiting(() => client.Cache.StopAllAsync(new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
        Task stop = client.Cache.StopAllAsync();
        held.End("fine");
        await stop.Guarded();

        client.Cache.Schedules.Should().BeEmpty();
        _time.PendingTimers.Should().Be(0);
        await UntilAsync(client.Cache.ScheduleRefresh(Own(OwnFunction.Counting()), "5m"), 1);
    }

    [Fact]
    public async Task Disposing_the_client_ends_them_and_that_is_no_failure()
    {
        var logs = new RecordedLogs();
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer("never").NeverAnswer());
        FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseLoggerFactory(logs));
        var held = new OwnFunction();
        CacheSchedule chat = client.Cache.ScheduleRefresh(CacheRequest.Chat("hi"), "5m"), own = client.Cache.ScheduleRefresh(Own(held.RunAsync), "5m");
        await held.Started;
        await provider.AttemptReceived(1).Guarded();

        await client.DisposeAsync().AsTask().Guarded();

        (chat.Status.IsRunning, own.Status.IsRunning).Should().Be((false, false));
        (chat.Status.Failures, own.Status.Failures).Should().Be((0, 0));
        logs.Of(44).Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
        client.Cache.Invoking(c => c.ScheduleRefresh(Own(held.RunAsync), "5m")).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h", 3_600)]
    [InlineData("1d", 86_400)]
    [InlineData("30d", 2_592_000)]
    public async Task An_interval_may_be_written_with_its_unit(string every, int seconds)
    {
        await using FastClient client = OwnClients.Create(_time);

        client.Cache.ScheduleRefresh(Own(OwnFunction.Counting()), every).Every.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("5")]
    [InlineData("0s")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData(" 5m")]
    [InlineData("5 m")]
    [InlineData("5M")]
    [InlineData("31d")]
    [InlineData("99999999999d")]
    [InlineData("2147483647d")]
    public async Task An_interval_that_cannot_be_is_refused(string every)
    {
        await using FastClient client = OwnClients.Create(_time);

        client.Cache.Invoking(c => c.ScheduleRefresh(Own(OwnFunction.Counting()), every)).Should().Throw<HarborException>().WithMessage("*1 s to 30 days*");
        client.Cache.Invoking(c => c.ScheduleRefresh(Own(OwnFunction.Counting()), TimeSpan.FromMilliseconds(999))).Should().Throw<HarborException>();
    }

    [Fact]
    public async Task There_are_a_thousand_at_most()
    {
        await using FastClient client = OwnClients.Create(_time);
        for (int i = 0; i < 1_000; i++) client.Cache.ScheduleRefresh(Own(OwnFunction.Counting(), $"key {i}"), "1d");

        client.Cache.Invoking(c => c.ScheduleRefresh(Own(OwnFunction.Counting()), "1d")).Should().Throw<HarborException>().WithMessage("*1,000*");
    }

    private sealed class Watching(PipelineStage next, Action<Call> see) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            see(call);
            return Next.OpenAsync(call);
        }
    }
}
