using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Two attempts under way, and the call ends from outside.
public sealed class HedgingEndTests
{
    // Before the delay is over, while both wait, and while the winner is read.
    public static TheoryData<double> Moments => [0.5, 1, 5, 12];

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_caller_can_cancel_at_any_moment(double seconds)
    {
        await using HedgedHosts hosts = await SlowAsync();
        using var cancellation = new CancellationTokenSource();

        Task<ChatResponse> call = hosts.Client.GetResponseAsync("hi", cancellationToken: cancellation.Token);
        await hosts.Time.AdvanceUntil(Task.Delay(TimeSpan.FromSeconds(seconds), hosts.Time));
        await cancellation.CancelAsync();

        Func<Task> ending = () => call.Guarded();
        (await ending.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancellation.Token);
        await ShouldBeLeftAsync(hosts);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Disposing_the_client_ends_both(double seconds)
    {
        HedgedHosts hosts = await SlowAsync();

        Task<ChatResponse> call = hosts.Client.GetResponseAsync("hi");
        await hosts.Time.AdvanceUntil(Task.Delay(TimeSpan.FromSeconds(seconds), hosts.Time));
        await hosts.DisposeAsync();

        Func<Task> ending = () => call.Guarded();
        await ending.Should().ThrowAsync<Exception>().Where(error => error is ObjectDisposedException || error.InnerException is ObjectDisposedException);
        await ShouldBeLeftAsync(hosts);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_caller_can_leave_a_stream_at_any_moment(double seconds)
    {
        await using HedgedHosts hosts = await SlowAsync();

        IAsyncEnumerator<string> stream = hosts.Client.StreamTextAsync("hi").GetAsyncEnumerator();
        Task<bool> first = stream.MoveNextAsync().AsTask();
        await hosts.Time.AdvanceUntil(Task.Delay(TimeSpan.FromSeconds(seconds), hosts.Time));
        await stream.DisposeAsync();
        await Task.WhenAny(first).Guarded();

        await ShouldBeLeftAsync(hosts);
    }

    [Fact]
    public async Task The_Total_clock_ends_both()
    {
        await using HedgedHosts hosts = await SlowAsync();

        Func<Task> call = () => hosts.AskAsync(new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) });

        HarborTimeoutException error = (await call.Should().ThrowAsync<HarborTimeoutException>()).Which;
        error.Clock.Should().Be(HarborClock.Total);
        error.Attempts.Should().HaveCount(2);
        await ShouldBeLeftAsync(hosts);
    }

    [Fact]
    public async Task A_handler_that_does_not_heed_the_cancellation_does_not_hold_the_answer_up()
    {
        var stubborn = new StubbornHandler();
        await using HedgedHosts hosts = new(
            h => h.UseHedging(o => (o.MaximumExtraAttempts, o.MaximumExtraSpend) = (0.2, 0.2)), atA: local => local.UseHandler(stubborn));
        stubborn.InnerHandler = hosts.A.CreateHandler();
        await hosts.WarmAsync();
        stubborn.IsStuck = true;

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from b");
        hosts.Client.Health.Targets.Should().OnlyContain(target => target.InFlight == 0);
        stubborn.LetGo();
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task A_stage_of_ones_own_that_opens_late_loses_what_it_opened()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool holds = false;
        await using HedgedHosts hosts = new(h => h.AddStage(StageScope.Attempt, next => new HoldingStage(next, () => holds ? gate.Task : Task.CompletedTask)));
        await hosts.WarmAsync();
        holds = true;

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from b");
        gate.SetResult();
        await hosts.ShouldSettleAsync();
        hosts.A.Attempts[^1].Number.Should().Be(HedgedHosts.WarmUp + 1);
    }

    private static async Task<HedgedHosts> SlowAsync()
    {
        HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("a").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(20)));
        hosts.B.ThenReply(EmulatedReply.Answer(["one ", "two ", "three"]).DelayBeforeFirstUpdate(HedgedHosts.Slow).DelayBetweenUpdates(TimeSpan.FromSeconds(5)));
        return hosts;
    }

    private static async Task ShouldBeLeftAsync(HedgedHosts hosts)
    {
        await hosts.ShouldSettleAsync();
        hosts.Time.PendingTimers.Should().Be(0);
        hosts.A.InFlight.Should().Be(0);
        hosts.B.InFlight.Should().Be(0);
    }

    // Only the attempts at "a" are held: first what the host answers is opened, then the stage lingers over it.
    private sealed class HoldingStage(PipelineStage next, Func<Task> hold) : PipelineStage(next)
    {
        public override async ValueTask<UpdateReader> OpenAsync(Call call)
        {
            UpdateReader reader = await Next.OpenAsync(call);
            if (call.Target!.Provider == "a") await hold();
            return reader;
        }
    }

    private sealed class StubbornHandler : DelegatingHandler
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsStuck { get; set; }

        public void LetGo() => _gate.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsStuck) await _gate.Task;
            return await base.SendAsync(request, CancellationToken.None);
        }
    }
}
