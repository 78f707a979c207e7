using HarborClient.Limits;

namespace HarborClient.Tests.Limits;

// Who waits for a permit, who is next, and who is told at once that waiting is in vain.
public sealed class AdmissionTests
{
    private static readonly LimitOptions One = new() { MaximumInFlight = 1, MaximumWait = TimeSpan.FromSeconds(30) };

    private readonly HashSet<Task> _seen = [];

    [Fact]
    public async Task A_lone_request_that_is_refused_leaves_room_for_the_next_burst()
    {
        var fixture = new LimiterFixture(new LimitOptions());
        Permit lone = await fixture.Ask();

        fixture.Limiter.OnRejected(ref lone, RejectClass.Overload, null);
        fixture.Exit(lone);

        Task<Permit>[] burst = [.. Enumerable.Range(0, 4).Select(_ => fixture.Ask())];
        burst.Should().OnlyContain(asked => asked.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_permit_that_is_free_costs_nothing()
    {
        var fixture = new LimiterFixture(new LimitOptions());
        ValueTask<Permit> Enter() => fixture.Limiter.EnterAsync(LimiterFixture.Normal, default);
        for (int i = 0; i < 100; i++) fixture.Exit(await Enter());

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Permit permit = await Enter();
            fixture.Limiter.OnAccepted(ref permit);
            fixture.Limiter.OnFirstUpdate(ref permit, 10, isStreamed: true);
            fixture.Limiter.Exit(ref permit, 10, 10);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1000);
    }

    [Fact]
    public async Task More_important_calls_go_first()
    {
        var fixture = new LimiterFixture(One);
        Permit held = await fixture.Ask();
        Task<Permit> background = fixture.Ask(CallPriority.Background);
        Task<Permit> normal = fixture.Ask();
        Task<Permit> interactive = fixture.Ask(CallPriority.Interactive);

        fixture.Exit(held);
        fixture.Exit(await interactive);
        fixture.Exit(await normal);
        fixture.Exit(await background);

        fixture.Limiter.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Who_has_waited_for_two_seconds_moves_up()
    {
        var fixture = new LimiterFixture(One);
        Permit held = await fixture.Ask();
        Task<Permit> batch = fixture.Ask(CallPriority.Batch);
        Task<Permit> background = fixture.Ask(CallPriority.Background);
        fixture.Time.Advance(TimeSpan.FromSeconds(2.2));
        fixture.Limiter.OnRateLimits(default);
        Task<Permit> normal = fixture.Ask();

        fixture.Exit(held);

        (await Task.WhenAny(batch, normal)).Should().BeSameAs(batch);
        (normal.IsCompleted, background.IsCompleted).Should().Be((false, false));
    }

    [Fact]
    public async Task Tenants_take_turns_however_many_calls_one_of_them_has_waiting()
    {
        var fixture = new LimiterFixture(One);
        Permit held = await fixture.Ask();
        Task<Permit>[] busy = [.. Enumerable.Range(0, 50).Select(_ => fixture.Ask(tenant: "busy", tokens: 500))];
        Task<Permit>[] quiet = [.. Enumerable.Range(0, 5).Select(_ => fixture.Ask(tenant: "quiet", tokens: 500))];

        fixture.Exit(held);
        for (int served = 0; served < 12; served++) fixture.Exit(await busy.Concat(quiet).Single(Once));

        quiet.Count(task => task.IsCompleted).Should().Be(5);
        busy.Count(task => task.IsCompleted).Should().BeInRange(6, 8);
    }

    [Fact]
    public async Task Turns_are_counted_in_tokens()
    {
        var fixture = new LimiterFixture(One);
        Permit held = await fixture.Ask();
        Task<Permit>[] large = [.. Enumerable.Range(0, 20).Select(_ => fixture.Ask(tenant: "large", tokens: 5120))];
        Task<Permit>[] small = [.. Enumerable.Range(0, 100).Select(_ => fixture.Ask(tenant: "small", tokens: 512))];

        fixture.Exit(held);
        for (int served = 0; served < 55; served++) fixture.Exit(await large.Concat(small).Single(Once));

        large.Count(task => task.IsCompleted).Should().BeInRange(4, 6, "ten small calls are one large one");
    }

    [Fact]
    public async Task A_call_is_refused_after_the_longest_wait_with_what_would_help()
    {
        var fixture = new LimiterFixture(new LimitOptions { MaximumInFlight = 1, MaximumWait = TimeSpan.FromSeconds(5) });
        Permit held = await fixture.Ask();
        Task<Permit> waiting = fixture.Ask();

        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        HarborException error = (await waiting.Invoking(task => task).Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.NoPermit);
        error.IsTransient.Should().BeTrue();
        error.RetryAfter.Should().BeNull("nothing is known of how long a request takes");
        error.Message.Should().Be("No permit for host/model within 5 s: 1 in flight (limit 1), 1 queued. Raise Limits.MaximumWait or Limits.MaximumInFlight, or add keys or targets.");
        fixture.Exit(held);
        (fixture.Limiter.InFlight, fixture.Limiter.Queued, fixture.Time.PendingTimers).Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task A_call_that_would_be_late_is_refused_at_once()
    {
        var fixture = new LimiterFixture(One);
        await fixture.Answered(TimeSpan.FromSeconds(10));
        await fixture.Ask();

        Task<Permit> late = fixture.Ask(remaining: TimeSpan.FromSeconds(3));

        late.IsFaulted.Should().BeTrue();
        (await late.Invoking(task => task).Should().ThrowAsync<HarborException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(10));
        fixture.Ask(remaining: TimeSpan.FromSeconds(11)).IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task In_a_full_queue_the_newest_of_the_least_important_gives_way()
    {
        var fixture = new LimiterFixture(new LimitOptions { MaximumInFlight = 1, MaximumQueued = 2 });
        await fixture.Ask();
        Task<Permit> older = fixture.Ask(CallPriority.Background);
        Task<Permit> newer = fixture.Ask(CallPriority.Background);

        Task<Permit> equal = fixture.Ask(CallPriority.Background);
        Task<Permit> normal = fixture.Ask();

        (await equal.Invoking(task => task).Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain("MaximumQueued");
        (await newer.Invoking(task => task).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.NoPermit);
        (older.IsCompleted, normal.IsCompleted, fixture.Limiter.Queued).Should().Be((false, false, 2));
    }

    [Fact]
    public async Task A_caller_who_leaves_leaves_no_trace()
    {
        var fixture = new LimiterFixture(One);
        Permit held = await fixture.Ask();
        using var source = new CancellationTokenSource();
        Task<Permit> leaving = fixture.Ask(cancellationToken: source.Token);
        Task<Permit> staying = fixture.Ask();

        await source.CancelAsync();

        (await leaving.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        fixture.Limiter.Queued.Should().Be(1);
        fixture.Exit(held);
        fixture.Exit(await staying);
        (fixture.Limiter.InFlight, fixture.Limiter.Queued, fixture.Time.PendingTimers).Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task A_gate_that_outlasts_the_wait_is_said_at_once_and_to_those_who_wait()
    {
        var fixture = new LimiterFixture(new LimitOptions { MaximumInFlight = 1, RequestsPerMinute = 600 });
        Permit refused = await fixture.Ask();
        Task<Permit> waiting = fixture.Ask();

        fixture.Limiter.OnRejected(ref refused, RejectClass.Rate, TimeSpan.FromSeconds(60));
        fixture.Limiter.Exit(ref refused, null, null);

        HarborException error = (await waiting.Invoking(task => task).Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.RateLimited);
        error.RetryAfter.Should().BeCloseTo(TimeSpan.FromSeconds(63), TimeSpan.FromSeconds(4));
        fixture.Ask().IsFaulted.Should().BeTrue();
    }

    [Fact]
    public async Task A_gate_that_opens_in_time_is_waited_for()
    {
        var fixture = new LimiterFixture(new LimitOptions { RequestsPerMinute = 600 });
        Permit refused = await fixture.Ask();
        fixture.Limiter.OnRejected(ref refused, RejectClass.Rate, TimeSpan.FromSeconds(2));
        fixture.Limiter.Exit(ref refused, null, null);
        Task<Permit> waiting = fixture.Ask();

        waiting.IsCompleted.Should().BeFalse();
        fixture.Time.Advance(TimeSpan.FromSeconds(2.5));

        (await waiting).IsHeld.Should().BeTrue();
    }

    [Fact]
    public async Task A_permit_is_given_back_once()
    {
        var fixture = new LimiterFixture(new LimitOptions());
        Permit first = await fixture.Ask();
        await fixture.Ask();

        fixture.Limiter.Exit(ref first, null, null);
        fixture.Limiter.Exit(ref first, null, null);

        fixture.Limiter.InFlight.Should().Be(1);
    }

    [Fact]
    public async Task Who_enters_unchecked_is_counted_and_never_refused()
    {
        var fixture = new LimiterFixture(One);
        await fixture.Ask();

        Permit unchecked1 = fixture.Limiter.EnterUnchecked(LimiterFixture.Normal);

        fixture.Limiter.InFlight.Should().Be(2);
        fixture.Exit(unchecked1);
        fixture.Ask().IsCompleted.Should().BeFalse();
    }

    // A permit that was not given back yet.
    private bool Once(Task<Permit> task) => task.IsCompletedSuccessfully && _seen.Add(task);
}
