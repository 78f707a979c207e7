using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Calls;
using HarborClient.Tests.Face;
using HarborClient.Tests.Pipeline;

namespace HarborClient.Tests.Resilience;

// What the attempts of a call have used, as far as their hosts said so. Claude counts the prompt at the start of its stream, before any text.
public sealed class AttemptUsageTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode, bool> Ways => CallEndings.ModesAndWays;

    public static TheoryData<MidStreamPolicy> Policies => [.. Enum.GetValues<MidStreamPolicy>()];

    private static EmulatedReply Counted => EmulatedReply.Answer(["one ", "two ", "three"]).Usage(1000, 30);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_answer_that_started_over_tells_what_both_attempts_used(PerformanceMode mode, bool isStreaming)
    {
        var claude = new ProviderEmulator(_time).ThenReply(Counted.CutAfterUpdates(2));
        await using FastClient client = Create(mode, claude, new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "four"], reply => reply.Usage(20, 5)));

        ChatResponse answer = await AskAsync(client, isStreaming);

        answer.Text.Should().Be("one two four");
        ShouldHaveUsed(answer.Usage, 20, 5);
        ShouldTellOfBoth(answer.GetHarborInfo());
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_they_used_survives_a_trip_through_json()
    {
        var claude = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(["one ", "two"]).Usage(1000, 30, cachedTokens: 400).CutAfterUpdates(1));
        await using FastClient client = Create(PerformanceMode.Balanced, claude, new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.Usage(20, 5)));
        ChatResponse answer = await AskAsync(client, isStreaming: true);

        ChatResponse back = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(answer, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        ShouldTellOfBoth(back.GetHarborInfo());
        back.GetHarborInfo().Attempts[0].Usage.Should().BeEquivalentTo(answer.GetHarborInfo().Attempts[0].Usage);
        back.GetHarborInfo().Attempts[0].Usage!.CachedInputTokenCount.Should().Be(400);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_only_attempt_used_what_the_answer_did(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = Create(mode, new ProviderEmulator(_time).ThenReply(Counted), new ProviderEmulator(_time));

        ChatResponse answer = await AskAsync(client, isStreaming);

        ShouldHaveUsed(answer.GetHarborInfo().Attempts.Single().Usage, 1000, 30);
        answer.GetHarborInfo().Attempts.Single().Usage.Should().BeEquivalentTo(answer.Usage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_host_does_not_report_is_null_and_not_zero(bool isStreaming)
    {
        await using FastClient client = Create(PerformanceMode.Balanced, new ProviderEmulator(_time).Then(503), new ProviderEmulator(_time).ThenAnswer("fine", reply => reply.WithoutUsage()));

        ChatResponse answer = await AskAsync(client, isStreaming);

        answer.GetHarborInfo().Attempts.Should().HaveCount(2).And.OnlyContain(attempt => attempt.Usage == null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stage_that_changes_the_usage_of_the_answer_does_not_change_that_of_the_attempt(bool isStreaming)
    {
        await using FastClient client = Create(
            PerformanceMode.Balanced,
            new ProviderEmulator(_time).ThenReply(Counted),
            new ProviderEmulator(_time),
            h => h.AddStage(StageScope.Call, async (next, call) => new DoublingReader(await next.OpenAsync(call))));

        ChatResponse answer = await AskAsync(client, isStreaming);

        ShouldHaveUsed(answer.Usage, 2000, 60);
        ShouldHaveUsed(answer.GetHarborInfo().Attempts.Single().Usage, 1000, 30);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retry_that_follows_a_stream_without_text_tells_what_the_first_try_used(bool isStreaming)
    {
        var claude = new ProviderEmulator(_time).ThenReply(Counted.CutAfterUpdates(0)).ThenReply(Counted);
        await using FastClient client = FastClient.Create(h => h
            .AddClaude(Emulated.Key, o => o.UseHandler(claude.CreateHandler())).UseDefaultModel("claude/claude-haiku-4-5").UseTimeProvider(_time).UseMode(PerformanceMode.Full));

        Task<ChatResponse> call = AskAsync(client, isStreaming);
        await _time.AdvanceUntil(call);

        HarborCallInfo info = (await call).GetHarborInfo();
        info.Attempts.Select(attempt => attempt.Error).Should().Equal(ErrorKind.Interrupted, null);
        info.Attempts[0].Usage!.InputTokenCount.Should().Be(1000);
        ShouldHaveUsed(info.Attempts[1].Usage, 1000, 30);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_before_its_text_tells_what_it_used()
    {
        await using FastClient client = Create(PerformanceMode.Fast, new ProviderEmulator(_time).ThenReply(Counted.SilentAfterUpdates(0)), new ProviderEmulator(_time).ThenAnswer("fine"));

        Task<ChatResponse> call = AskAsync(client, isStreaming: true);
        await _time.AdvanceUntil(call);

        HarborAttempt silent = (await call).GetHarborInfo().Attempts[0];
        silent.Error.Should().Be(ErrorKind.Timeout);
        silent.Usage!.InputTokenCount.Should().Be(1000);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task The_error_of_an_interrupted_stream_tells_what_the_attempts_used(MidStreamPolicy policy)
    {
        var lab = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        await using FastClient client = Create(PerformanceMode.Balanced, new ProviderEmulator(_time).ThenReply(Counted.CutAfterUpdates(2)), lab);

        Func<Task> asking = () => client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = policy }).ToListAsync();

        StreamInterruptedException error = (await asking.Should().ThrowAsync<StreamInterruptedException>()).Which;
        error.Attempts.Select(attempt => attempt.Usage?.InputTokenCount).Should().Equal(policy == MidStreamPolicy.Fail ? [1000L] : [1000L, null]);
    }

    [Fact]
    public async Task An_answer_that_was_written_on_tells_what_each_attempt_reported()
    {
        var claude = new ProviderEmulator(_time).ThenReply(Counted.CutAfterUpdates(2));
        await using FastClient client = Create(PerformanceMode.Balanced, claude, new ProviderEmulator(_time).ThenAnswer(["three"], reply => reply.Usage(20, 5)));

        ChatResponse answer = (await client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Continue }).ToListAsync()).ToHarborResponse();

        answer.Text.Should().Be("one two three");
        ShouldTellOfBoth(answer.GetHarborInfo());
        answer.Usage!.InputTokenCount.Should().Be(1020, "the prompt was sent twice");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_one_that_was_overtaken_tells_what_it_had_used(bool isStreaming)
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        const string Prompt = """data: {"id":"1","object":"chat.completion.chunk","model":"one","choices":[{"index":0,"delta":{"role":"assistant"}}],"usage":{"prompt_tokens":77,"completion_tokens":0,"total_tokens":77}}""";
        hosts.A.ThenReply(EmulatedReply.Raw(Prompt + "\n\n", "text/event-stream").SilentAtEnd());

        Task<ChatResponse> call = AskAsync(hosts.Client, isStreaming);
        await hosts.Time.AdvanceUntil(call);

        HarborCallInfo info = (await call).GetHarborInfo();
        info.Attempts.Select(attempt => (attempt.IsOvertaken, attempt.Error)).Should().Equal((true, null), (false, null));
        info.Attempts[0].Usage!.InputTokenCount.Should().Be(77);
        ShouldHaveUsed(info.Attempts[1].Usage, 10, 90);
        await hosts.ShouldSettleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_tools_the_attempts_of_all_iterations_tell(bool isStreaming)
    {
        var claude = new ProviderEmulator(_time)
            .ThenReply(Counted.CutAfterUpdates(0))
            .ThenReply(EmulatedReply.Answer("done").Usage(300, 3));
        var lab = new ProviderEmulator(_time).ThenReply(new EmulatedReply().ToolCall("call_1", "now", "{}").Usage(20, 5));
        await using FastClient client = Create(PerformanceMode.Full, claude, lab, h => h.UseToolInvocation());
        var options = new HarborChatOptions { Tools = [AIFunctionFactory.Create(() => "noon", "now")] };

        ChatResponse answer = isStreaming ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi", options);

        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Usage?.InputTokenCount).Should().Equal(1000, 20, 300);
        answer.Usage!.InputTokenCount.Should().Be(320);
    }

    private static async Task<ChatResponse> AskAsync(FastClient client, bool isStreaming)
    {
        var options = new HarborChatOptions { MidStream = MidStreamPolicy.Restart };
        return isStreaming ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi", options);
    }

    private static void ShouldTellOfBoth(HarborCallInfo info)
    {
        info.Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("claude", ErrorKind.Interrupted), ("lab", null));
        info.Attempts[0].Usage!.InputTokenCount.Should().Be(1000);
        info.Attempts[0].Usage!.OutputTokenCount.Should().BeLessThan(30, "the rest was not reported");
        ShouldHaveUsed(info.Attempts[1].Usage, 20, 5);
    }

    private static void ShouldHaveUsed(UsageDetails? usage, long input, long output) => (usage?.InputTokenCount, usage?.OutputTokenCount).Should().Be((input, output));

    private FastClient Create(PerformanceMode mode, ProviderEmulator claude, ProviderEmulator lab, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        h.AddClaude(Emulated.Key, o => o.SendOnceThrough(claude.CreateHandler()))
            .AddLocal("lab", Emulated.LocalEndpoint, o =>
            {
                o.SendOnceThrough(lab.CreateHandler());
                o.ContinuesAnswers = true;
            })
            .MapModel("chat", "claude/claude-haiku-4-5", Emulated.LocalModel).UseDefaultModel("chat").UseTimeProvider(_time).UseMode(mode);
        more?.Invoke(h);
    });

    private sealed class DoublingReader(UpdateReader inner) : UpdateReader
    {
        private HarborUpdate _current;

        public override ref readonly HarborUpdate Current => ref _current;

        public override async ValueTask<bool> ReadAsync()
        {
            if (!await inner.ReadAsync()) return false;
            _current = inner.Current;
            if (_current.Value is UsageDetails usage)
                _current = new HarborUpdate(HarborUpdateKind.Usage, new UsageDetails { InputTokenCount = usage.InputTokenCount * 2, OutputTokenCount = usage.OutputTokenCount * 2 });
            return true;
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
