using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Pipeline;

namespace HarborClient.Tests.Hostile;

// Stages and observers of users with bugs in them: nothing stays open, nothing is sent twice, and the bug is what the caller sees.
public sealed class FaultyStageTests
{
    private static readonly HarborChatOptions Restarting = new() { MidStream = MidStreamPolicy.Restart };

    [Theory]
    [InlineData(StageScope.Call, false)]
    [InlineData(StageScope.Call, true)]
    [InlineData(StageScope.Attempt, false)]
    [InlineData(StageScope.Attempt, true)]
    public async Task A_stage_that_opens_and_then_throws_leaves_nothing_open(StageScope scope, bool isStreaming)
    {
        var bug = new InvalidOperationException("bug in a stage");
        await using FastClient client = HostileClients.One(Host(), configure: builder => builder.AddStage(scope, async (next, call) =>
        {
            await next.OpenAsync(call);
            throw bug;
        }));

        Func<Task> call = () => client.TextAsync(isStreaming);

        (await call.Should().ThrowAsync<InvalidOperationException>()).Which.Should().BeSameAs(bug);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call, false)]
    [InlineData(StageScope.Call, true)]
    [InlineData(StageScope.Attempt, false)]
    [InlineData(StageScope.Attempt, true)]
    public async Task A_stage_that_drops_the_reader_leaves_nothing_open(StageScope scope, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(Host(), configure: builder => builder.AddStage(scope, async (next, call) =>
        {
            await next.OpenAsync(call);
            return new ScriptedReader(ScriptedReader.Text("of its own"), new HarborUpdate(HarborUpdateKind.Finish, "stop"));
        }));

        string text = await client.TextAsync(isStreaming);

        text.Should().Be("of its own");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stage_that_opens_two_attempts_and_drops_one_leaves_nothing_open(bool isStreaming)
    {
        await using FastClient client = HostileClients.One(Host(), configure: builder => builder.AddStage(StageScope.Call, async (next, call) =>
        {
            await next.OpenAsync(call.BeginAttempt(call.Targets[0]));
            return await next.OpenAsync(call.BeginAttempt(call.Targets[0]));
        }));

        await client.TextAsync(isStreaming);

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stage_that_does_not_wait_for_the_slower_of_two_attempts_leaves_nothing_open(bool isStreaming)
    {
        var answersAtLast = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int requests = 0;
        using var host = new HostileHandler(async (_, _) =>
        {
            if (Interlocked.Increment(ref requests) == 1) await answersAtLast.Task.ConfigureAwait(false);
            return Wire.Reply(new HostileBody(Encoding.UTF8.GetBytes(Wire.Event("fine") + Wire.End)), Wire.EventStream);
        });
        Task<UpdateReader>? slower = null;
        await using FastClient client = HostileClients.One(host, configure: builder => builder.AddStage(StageScope.Call, (next, call) =>
        {
            slower = next.OpenAsync(call.BeginAttempt(call.Targets[0])).AsTask();
            return next.OpenAsync(call.BeginAttempt(call.Targets[0]));
        }));

        string text = await client.TextAsync(isStreaming);
        answersAtLast.SetResult();
        await FluentActions.Awaiting(() => slower!.Guarded()).Should().ThrowAsync<Exception>("its call has ended");

        text.Should().Be("fine");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call, false)]
    [InlineData(StageScope.Call, true)]
    [InlineData(StageScope.Attempt, false)]
    [InlineData(StageScope.Attempt, true)]
    public async Task A_stage_that_returns_null_is_named_as_the_mistake(StageScope scope, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(Host(), configure: builder => builder.AddStage(scope, (_, _) => ValueTask.FromResult<UpdateReader>(null!)));

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming));

        error.Kind.Should().Be(ErrorKind.Configuration);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call, false)]
    [InlineData(StageScope.Call, true)]
    [InlineData(StageScope.Attempt, false)]
    [InlineData(StageScope.Attempt, true)]
    public async Task What_an_observer_throws_reaches_the_caller_and_starts_nothing_anew(StageScope scope, bool isStreaming)
    {
        var bug = new InvalidOperationException("bug in an observer");
        HostileHandler second = HostileHandler.Answering(Wire.Whole("sent on"));
        await using FastClient client = HostileClients.Two(Host(), second, configure: builder => builder.AddStage(scope, (next, call) =>
        {
            call.Observe(new ThrowingObserver(bug));
            return next.OpenAsync(call);
        }));

        Func<Task> call = () => client.TextAsync(isStreaming, options: Restarting);

        (await call.Should().ThrowAsync<InvalidOperationException>()).Which.Should().BeSameAs(bug);
        second.Requests.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_restart_that_nobody_sees_keeps_the_arguments_of_a_tool_call_whole(bool isWrapped, bool isStreaming)
    {
        HostileHandler broken = HostileHandler.Answering(Wire.ToolEvent("""{"index":0,"id":"i1","function":{"name":"pay","arguments":"{\"amount\":"}}"""), Wire.EventStream);
        HostileHandler whole = HostileHandler.Answering(Wire.ToolEvent("""{"index":0,"id":"i2","function":{"name":"pay","arguments":"{\"amount\":5}"}}""") + Wire.End, Wire.EventStream);
        await using FastClient client = HostileClients.Two(broken, whole, configure: builder => Wrapped(builder, isWrapped));

        List<FunctionCallContent> calls = await client.ToolCallsAsync(isStreaming, Restarting);

        FunctionCallContent call = calls.Should().ContainSingle().Which;
        call.Exception.Should().BeNull();
        call.Name.Should().Be("pay");
        call.Argument("amount").Should().Be("5");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_that_is_seen_has_the_identity_of_the_second_answer(bool isWrapped)
    {
        HostileHandler broken = HostileHandler.Answering(Wire.Event("abc", "first", "model1"), Wire.EventStream);
        HostileHandler whole = HostileHandler.Answering(Wire.Event("xyz", "second", "model2") + Wire.End, Wire.EventStream);
        await using FastClient client = HostileClients.Two(broken, whole, configure: builder => Wrapped(builder, isWrapped));

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi", Restarting).ToListAsync();

        ChatResponseUpdate later = updates.Single(update => update.Text == "xyz");
        (later.ResponseId, later.ModelId).Should().Be(("second", "model2"));
        ChatResponse response = updates.ToHarborResponse();
        (response.Text, response.ResponseId, response.ModelId).Should().Be(("xyz", "second", "model2"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stage_cannot_open_an_attempt_at_a_target_that_is_not_allowed()
    {
        Target? forbidden = null;
        HostileHandler first = Host();
        HostileHandler second = Host();
        await using FastClient client = HostileClients.Two(first, second, configure: builder => builder.AddStage(StageScope.Call, (next, call) =>
        {
            forbidden ??= call.Targets[0];
            return next.OpenAsync(call.BeginAttempt(forbidden));
        }));
        await client.TextAsync(isStreaming: false);

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming: false, options: new HarborChatOptions { AllowedTargets = ["b/two"] }));

        error.Kind.Should().Be(ErrorKind.NoPermittedTarget);
        first.Requests.Should().ContainSingle("that was before");
        second.Requests.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static void Wrapped(HarborBuilder builder, bool isWrapped)
    {
        if (isWrapped) builder.AddStage(StageScope.Call, async (next, call) => new PassingReader(await next.OpenAsync(call)));
    }

    private static HostileHandler Host() => new((request, _) => Task.FromResult(request.Headers.Accept.Count > 0
        ? Wire.Reply(new HostileBody(Wire.Event("a") + Wire.Event("b") + Wire.End), Wire.EventStream)
        : Wire.Reply(new HostileBody(Wire.Whole("ab")), Wire.Json)));
}
