using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// Stages of a user's own: where they stand, and that they can do what ours can.
public sealed class StageInsertionTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [InlineData(PerformanceMode.Fast, "Telemetry (metrics)", "Deadline", "Outer", "Inner", "Failover", "PerAttempt", "Send")]
    [InlineData(PerformanceMode.Balanced, "Telemetry", "Deadline", "Outer", "Inner", "Cache", "Coalesce", "Failover", "Retry", "PerAttempt", "Limit", "Send")]
    [InlineData(PerformanceMode.Full, "Telemetry", "Deadline", "StreamUpstream", "Outer", "Inner", "Cache", "Coalesce", "Failover", "Retry", "PerAttempt", "Limit", "Send")]
    public void Describe_shows_where_a_users_stages_stand(PerformanceMode mode, params string[] stages)
    {
        using var client = TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: builder => builder
            .AddStage(StageScope.Call, next => new OuterStage(next))
            .AddStage(StageScope.Attempt, next => new PerAttemptStage(next))
            .AddStage(StageScope.Call, next => new InnerStage(next)));

        var description = client.Describe(mode);

        description.Mode.Should().Be(mode);
        description.Stages.Should().Equal(stages);
        description.ToString().Should().Be($"{mode}: {string.Join(" → ", stages)}");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stage_of_the_call_runs_once_and_a_stage_of_the_attempt_once_per_attempt(PerformanceMode mode)
    {
        var failing = new ProviderEmulator(_time).Then(500);
        var healthy = new ProviderEmulator(_time).ThenAnswer("fine");
        var journal = new Journal();
        await using var client = TestClients.Chain(_time, mode, builder => builder
            .AddStage(StageScope.Call, (next, call) =>
            {
                journal.Add($"call to {call.RequestedModel}, {call.Targets.Count} targets, target {call.Target?.Name ?? "none"}, {call.Messages[0].Text}");
                return next.OpenAsync(call);
            })
            .AddStage(StageScope.Attempt, (next, call) =>
            {
                journal.Add($"attempt {call.AttemptNumber} at {call.Target}, parent of its own: {call.Parent is not null}");
                return next.OpenAsync(call);
            }), failing, healthy);

        await client.GetResponseAsync("hi");

        journal.Lines.Should().Equal(
            "call to chat, 2 targets, target none, hi",
            "attempt 1 at a/one, parent of its own: True",
            "attempt 2 at b/two, parent of its own: True");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stage_may_answer_a_plain_call_by_itself(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time);
        ScriptedReader? reader = null;
        await using var client = TestClients.OpenAI(provider, _time, mode, builder => builder.AddStage(StageScope.Call, (_, _) => ValueTask.FromResult<UpdateReader>(reader = WholeAnswer())));

        var answer = await client.GetResponseAsync("hi");

        AssertWhole(answer);
        reader!.IsDisposed.Should().BeTrue();
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stage_may_answer_a_stream_by_itself(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time);
        await using var client = TestClients.OpenAI(provider, _time, mode, builder => builder.AddStage(StageScope.Call, (_, _) => ValueTask.FromResult<UpdateReader>(WholeAnswer())));

        var updates = await client.GetStreamingResponseAsync("hi").ToListAsync();

        updates.Select(update => update.Text).Where(text => text.Length > 0).Should().Equal("stored ", "answer");
        AssertWhole(updates.ToHarborResponse());
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_restart_that_a_stage_announces_makes_the_plain_answer_forget_what_came_before()
    {
        await using var client = TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: builder => builder.AddStage(StageScope.Call, (_, _) => ValueTask.FromResult<UpdateReader>(
            new ScriptedReader(ScriptedReader.Text("void"), new HarborUpdate(HarborUpdateKind.Restart, new HarborException(ErrorKind.Interrupted, "cut")), ScriptedReader.Text("valid")))));

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("valid");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stage_may_refuse(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time);
        var refusal = new HarborException(ErrorKind.Budget, "Not today.");
        await using var client = TestClients.OpenAI(provider, _time, mode, builder => builder.AddStage(StageScope.Call, (_, _) => throw refusal));

        var plain = () => client.GetResponseAsync("hi");
        var streamed = () => client.StreamTextAsync("hi").ToListAsync();

        (await plain.Should().ThrowAsync<HarborException>()).Which.Should().BeSameAs(refusal);
        (await streamed.Should().ThrowAsync<HarborException>()).Which.Should().BeSameAs(refusal);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stage_that_refuses_one_target_sends_the_call_to_the_next()
    {
        var avoided = new ProviderEmulator(_time);
        var healthy = new ProviderEmulator(_time).ThenAnswer("fine");
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, builder => builder.AddStage(StageScope.Attempt, (next, call) =>
            call.Target!.Provider == "a" ? throw new HarborException(ErrorKind.Overloaded, "No permit.") { IsTransient = true } : next.OpenAsync(call)), avoided, healthy);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("fine");
        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Error).Should().Equal(ErrorKind.Overloaded, null);
        avoided.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData(PerformanceMode.Fast, StageScope.Call)]
    [InlineData(PerformanceMode.Balanced, StageScope.Attempt)]
    [InlineData(PerformanceMode.Full, StageScope.Call)]
    [InlineData(PerformanceMode.Full, StageScope.Attempt)]
    public async Task A_stage_that_changes_the_updates_changes_streams_and_plain_answers_alike(PerformanceMode mode, StageScope scope)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("quiet words").Usage(3, 2));
        await using var client = TestClients.OpenAI(provider, _time, mode, builder =>
            builder.AddStage(scope, async (next, call) => new ShoutingReader(await next.OpenAsync(call).ConfigureAwait(false))));

        var streamed = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();
        var plain = await client.GetResponseAsync("hi");

        streamed.Text.Should().Be("QUIET WORDS");
        plain.Text.Should().Be("QUIET WORDS");
        plain.Usage!.OutputTokenCount.Should().Be(2);
        plain.ModelId.Should().Be("gpt-4o-mini");
        plain.GetHarborInfo().Provider.Should().Be("openai");
        plain.FinishReason.Should().Be(ChatFinishReason.Stop);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public void A_function_that_returns_no_stage_is_a_configuration_error()
    {
        var act = () => TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: builder => builder.AddStage(StageScope.Call, _ => null!));

        act.Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    private static ScriptedReader WholeAnswer() => new(
        new HarborUpdate(HarborUpdateKind.Identity, new AnswerIdentity("stored-1", "stored-model", null)),
        ScriptedReader.Text("stored "),
        ScriptedReader.Text("answer"),
        new HarborUpdate(HarborUpdateKind.ToolCall, "{\"a\":1}"u8.ToArray(), 0, new ToolCallHead("call_1", "tool")),
        new HarborUpdate(HarborUpdateKind.Usage, new UsageDetails { InputTokenCount = 5, OutputTokenCount = 6 }),
        new HarborUpdate(HarborUpdateKind.Finish, "stop"));

    private static void AssertWhole(ChatResponse answer)
    {
        answer.Text.Should().Be("stored answer");
        answer.ResponseId.Should().Be("stored-1");
        answer.ModelId.Should().Be("stored-model");
        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls, "the answer has calls that wait for results, whatever the word");
        answer.Usage!.OutputTokenCount.Should().Be(6);
        answer.Messages[^1].Contents.OfType<FunctionCallContent>().Should().ContainSingle().Which.Name.Should().Be("tool");
        answer.GetHarborInfo().Attempts.Should().BeEmpty();
    }

    private sealed class OuterStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }

    private sealed class InnerStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }

    private sealed class PerAttemptStage(PipelineStage next) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call) => Next.OpenAsync(call);
    }
}
