using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// One Total clock for all answers, which rests while functions run; they have their own.
public sealed class ToolClockTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_that_ignores_its_token_is_left_to_itself_when_its_time_is_up(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("slow")).ThenAnswer("without it");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.ToolTimeout = TimeSpan.FromSeconds(7), more: h => h.UseLoggerFactory(_logs));
        var deaf = new TaskCompletionSource<string>();
        ChatOptions options = ToolBox.With(ToolBox.Async("slow", _ => deaf.Task));

        Task<ChatResponse> call = isStreaming ? Folded(client, options) : client.GetResponseAsync("hi", options);
        await _time.TimerSet(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(7));
        ChatResponse response = await call.Guarded();

        response.Text.Should().Be("without it");
        provider.Sent(1).Last().Should().Be("tool: Error: Function did not finish within 00:00:07.");
        _logs.Of(46).Should().ContainSingle();
        deaf.SetException(new InvalidOperationException("too late"));
        await _logs.Logged(48);
        _logs.Of(48).Should().ContainSingle().Which.Exception!.Message.Should().Be("too late");
        client.Outstanding().Should().Be(Outstanding.None);
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_function_that_listens_is_told_when_its_time_is_up_and_a_callback_of_its_that_throws_hurts_nobody()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("slow")).ThenAnswer("without it");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.ToolTimeout = TimeSpan.FromSeconds(7));
        var started = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();

        Task<ChatResponse> call = client.GetResponseAsync("hi", ToolBox.With(ToolBox.Async("slow", async token =>
        {
            using CancellationTokenRegistration registration = token.Register(() => throw new InvalidOperationException("faulty callback"));
            var waiting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration second = token.Register(() =>
            {
                stopped.SetResult();
                waiting.SetCanceled(token);
            });
            started.SetResult();
            return await waiting.Task;
        })));
        await started.Task.Guarded();
        await _time.TimerSet(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(7));

        (await call.Guarded()).Text.Should().Be("without it");
        await stopped.Task.Guarded();
    }

    [Fact]
    public async Task The_total_clock_rests_while_functions_run_and_goes_on_where_it_stopped()
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(ToolBox.Calls("slow").DelayBeforeHeaders(TimeSpan.FromSeconds(6)))
            .ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = ToolBox.Client(provider, _time);
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource<string>();
        ChatOptions options = ToolBox.With(ToolBox.Async("slow", _ =>
        {
            started.SetResult();
            return release.Task;
        }));
        ((HarborChatOptions)options).TotalTimeout = TimeSpan.FromSeconds(10);

        Task<ChatResponse> call = client.GetResponseAsync("hi", options);
        await provider.AttemptReceived(1);
        await _time.TimerSet(TimeSpan.FromSeconds(6));
        _time.Advance(TimeSpan.FromSeconds(6));
        await started.Task.Guarded();
        _time.Advance(TimeSpan.FromSeconds(60));
        call.IsCompleted.Should().BeFalse("functions do not count");
        release.SetResult("x");
        await provider.AttemptReceived(2);
        await _time.TimerSet(TimeSpan.FromSeconds(4));
        _time.Advance(TimeSpan.FromSeconds(4));

        HarborTimeoutException error = (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which;
        error.Clock.Should().Be(HarborClock.Total);
        error.Message.Should().Contain("00:00:10");
        error.Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        error.CompletedMessages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_duration_of_a_call_holds_its_functions()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("slow")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource<string>();

        Task<ChatResponse> call = client.GetResponseAsync("hi", ToolBox.With(ToolBox.Async("slow", _ =>
        {
            started.SetResult();
            return release.Task;
        })));
        await started.Task.Guarded();
        _time.Advance(TimeSpan.FromSeconds(30));
        release.SetResult("x");

        HarborCallInfo info = (await call.Guarded()).GetHarborInfo();
        info.Duration.Should().Be(TimeSpan.FromSeconds(30));
        info.Attempts.Should().OnlyContain(attempt => attempt.Duration == TimeSpan.Zero);
    }

    private static async Task<ChatResponse> Folded(FastClient client, ChatOptions options) => (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse();
}
