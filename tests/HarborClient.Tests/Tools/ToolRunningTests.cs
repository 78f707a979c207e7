using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// How functions are run: at the same time or not, how long, and what becomes of their failures.
public sealed class ToolRunningTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Functions_of_one_answer_run_at_the_same_time_and_their_results_keep_the_order()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("first", "second")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);
        var secondRan = new TaskCompletionSource();

        // The first ends only when the second has run: one after the other, the test would hang.
        AIFunction first = ToolBox.Async("first", async _ =>
        {
            await secondRan.Task;
            return "1";
        });
        AIFunction second = ToolBox.Async("second", _ =>
        {
            secondRan.SetResult();
            return Task.FromResult("2");
        });
        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(first, second)).Guarded();

        response.Results().Select(result => result.Result!.ToString()).Should().Equal("1", "2");
        response.Messages.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_function_that_blocks_its_thread_does_not_hold_up_the_others()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("first", "second")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);
        using var gate = new ManualResetEventSlim();
        AIFunction first = ToolBox.Weather(_ => gate.Wait(TestClients.Guard) ? "1" : "hung", "first");
        AIFunction second = ToolBox.Weather(_ =>
        {
            gate.Set();
            return "2";
        }, "second");

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(first, second)).Guarded();

        response.Results().Select(result => result.Result!.ToString()).Should().Equal("1", "2");
    }

    [Theory]
    [InlineData(false, 8, 1)]
    [InlineData(true, 2, 2)]
    public async Task No_more_functions_run_at_a_time_than_the_options_allow(bool isConcurrent, int most, int expected)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("f", "f", "f", "f")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o =>
        {
            o.AllowConcurrentInvocation = isConcurrent;
            o.MaximumConcurrency = most;
        });
        var started = new SemaphoreSlim(0);
        var release = new SemaphoreSlim(0);
        int running = 0;
        int peak = 0;
        AIFunction function = ToolBox.Async("f", async _ =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref peak, now);
            started.Release();
            await release.WaitAsync(TestClients.Guard, CancellationToken.None);
            Interlocked.Decrement(ref running);
            return "x";
        });

        Task<ChatResponse> call = client.GetResponseAsync("hi", ToolBox.With(function));
        for (int i = 0; i < expected; i++) (await started.WaitAsync(TestClients.Guard)).Should().BeTrue();
        client.Outstanding().Calls.Should().Be(1, "a call whose functions run has not ended");
        release.Release(4);
        ChatResponse response = await call.Guarded();

        peak.Should().Be(expected);
        response.Results().Should().HaveCount(4);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_that_throws_is_an_error_for_the_model_with_details_only_where_they_are_asked_for(bool isDetailed)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer("sorry");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.IncludeDetailedErrors = isDetailed, more: h => h.UseLoggerFactory(_logs));

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => throw new InvalidOperationException("table X is missing"))));

        response.Text.Should().Be("sorry");
        FunctionResultContent result = response.Results().Single();
        result.Exception.Should().BeOfType<InvalidOperationException>();
        provider.Sent(1).Last().Should().StartWith("tool: Error: Function failed.").And.Match(text => text.Contains("table X") == isDetailed);
        _logs.Of(45).Should().ContainSingle().Which.Exception.Should().BeSameAs(result.Exception);
    }

    [Fact]
    public async Task A_cancellation_of_a_functions_own_is_a_failure_like_another()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer("sorry");
        await using FastClient client = ToolBox.Client(provider, _time);

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => throw new TaskCanceledException("its own HttpClient gave up"))));

        response.Text.Should().Be("sorry");
        response.Results().Single().Exception.Should().BeOfType<TaskCanceledException>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Too_many_failing_rounds_in_a_row_end_the_call_with_the_cause_and_what_was_made(int allowed)
    {
        var provider = new ProviderEmulator(_time).Otherwise(ToolBox.Calls("weather"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.MaximumConsecutiveErrors = allowed);
        var cause = new InvalidOperationException("broken");

        var act = () => client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => throw cause)));

        HarborException error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Tool);
        error.InnerException.Should().BeSameAs(cause);
        error.Message.Should().Contain("'weather'").And.Contain("MaximumConsecutiveErrors").And.NotContain("broken");
        error.Attempts.Should().HaveCount(allowed + 1);
        error.CompletedMessages.Should().HaveCount(2 * (allowed + 1));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_round_that_succeeds_starts_the_count_of_failures_anew()
    {
        int runs = 0;
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather"), 5).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.MaximumConsecutiveErrors = 1);

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => ++runs % 2 == 1 ? throw new InvalidOperationException() : "ok")));

        response.Text.Should().Be("done");
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_told_to_the_model()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather", "wether")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, more: h => h.UseLoggerFactory(_logs));

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather()));

        response.Results().Select(result => result.Result!.ToString()).Should().Equal("rain in Oslo", "Error: Requested function \"wether\" not found.");
        _logs.Of(49).Should().ContainSingle();
    }

    [Fact]
    public async Task A_name_that_does_not_exist_ends_the_loop_where_that_is_asked_for()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather", "wether"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.TerminateOnUnknownCalls = true);

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather()));

        response.Messages.Should().ContainSingle().Which.Contents.OfType<FunctionCallContent>().Should().HaveCount(2);
        provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Arguments_that_are_no_object_are_told_to_the_model_and_nothing_runs()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().ToolCall("c1", "weather", "{\"city\":")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(_ => throw new InvalidOperationException("must not run"))));

        response.Results().Single().Result!.ToString().Should().Contain("not a JSON object");
        provider.Sent(1).Should().HaveCount(3);
    }

    [Fact]
    public async Task A_function_without_a_result_says_that_it_completed()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("silent")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);

        await client.GetResponseAsync("hi", ToolBox.With(new Silent()));

        provider.Sent(1).Last().Should().Be("tool: Success: Function completed.");
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

    private sealed class Silent : AIFunction
    {
        public override string Name => "silent";

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => default;
    }
}
