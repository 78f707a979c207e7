using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// A stream that breaks and is written on by a target that can (MidStreamPolicy.Continue).
public sealed class ContinueTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_next_target_writes_on_where_a_stream_broke_and_the_caller_sees_one_answer(PerformanceMode mode)
    {
        ProviderEmulator a = Broken();
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(["three ", "four"], reply => reply.Usage(20, 5));
        await using FastClient client = Create(mode, a, b);

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi", Continuing()).ToListAsync();

        ChatResponse answer = updates.ToHarborResponse();
        answer.Text.Should().Be("one two three four");
        updates.Should().NotContain(update => update.IsRestart());
        updates.Select(update => update.MessageId).OfType<string>().Distinct().Should().ContainSingle();
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        HarborCallInfo how = answer.GetHarborInfo();
        (how.Provider, how.Model).Should().Be(("b", "two"));
        how.Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Interrupted), ("b", null));
        how.Decisions.Should().ContainSingle(decision => decision.Kind == DecisionKind.Continuation).Which.Target.Should().Be("b/two");
        JsonElement sent = b.Attempts.Single().BodyJson!.Value;
        JsonElement last = sent.GetProperty("messages").EnumerateArray().Last();
        (last.GetProperty("role").GetString(), last.GetProperty("content").GetString()).Should().Be(("assistant", "one two"));
        (sent.GetProperty("continue_final_message").GetBoolean(), sent.GetProperty("add_generation_prompt").GetBoolean()).Should().Be((true, false));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_usage_of_the_broken_attempt_is_estimated_and_added()
    {
        ProviderEmulator a = Broken();
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(["three"], reply => reply.Usage(20, 5));
        await using FastClient client = Create(PerformanceMode.Balanced, a, b);

        ChatResponse answer = await StreamAsync(client, Continuing());

        answer.Usage!.InputTokenCount.Should().BeInRange(21, 35, "the prompt was sent twice");
        answer.Usage.OutputTokenCount.Should().BeInRange(6, 10, "two words had arrived");
        answer.Usage.TotalTokenCount.Should().Be(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Theory]
    [InlineData("three")]
    [InlineData(" three")]
    [InlineData(" ", "three")]
    [InlineData(" ", "", "three")]
    public async Task The_blank_at_the_seam_is_there_once(params string[] pieces)
    {
        ProviderEmulator a = Broken();
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(pieces);
        await using FastClient client = Create(PerformanceMode.Balanced, a, b);

        List<string> told = await client.StreamTextAsync("hi", Continuing()).ToListAsync();

        string.Concat(told).Should().Be("one two three");
    }

    [Fact]
    public async Task What_has_arrived_is_taken_off_the_maximum_of_output_tokens()
    {
        ProviderEmulator a = Broken();
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer("three");
        await using FastClient client = Create(PerformanceMode.Balanced, a, b);
        HarborChatOptions options = Continuing();
        options.MaxOutputTokens = 100;

        await StreamAsync(client, options);

        b.Attempts.Single().BodyJson!.Value.GetProperty("max_tokens").GetInt32().Should().BeInRange(95, 99);
        options.MaxOutputTokens.Should().Be(100, "the caller's options are the caller's");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_answer_that_breaks_twice_is_continued_twice(PerformanceMode mode)
    {
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(["three ", "x"], reply => reply.CutAfterUpdates(1));
        ProviderEmulator c = new ProviderEmulator(_time).ThenAnswer("four");
        await using FastClient client = Create(mode, Broken(), b, c);

        ChatResponse answer = await StreamAsync(client, Continuing());

        answer.Text.Should().Be("one two three four");
        c.Attempts.Single().BodyText.Should().Contain("one two three\"");
        answer.GetHarborInfo().Attempts.Should().HaveCount(3);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_target_that_rejects_an_assistant_prefix_is_passed_over(PerformanceMode mode)
    {
        ProviderEmulator b = new ProviderEmulator(_time).RefuseAssistantPrefixes();
        ProviderEmulator c = new ProviderEmulator(_time).ThenAnswer("three");
        await using FastClient client = Create(mode, Broken(), b, c);

        ChatResponse answer = await StreamAsync(client, Continuing());

        answer.Text.Should().Be("one two three");
        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Error).Should().Equal(ErrorKind.Interrupted, ErrorKind.InvalidRequest, null);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task With_nobody_left_the_call_is_interrupted_and_never_the_targets_400(PerformanceMode mode)
    {
        ProviderEmulator a = Broken();
        ProviderEmulator b = new ProviderEmulator(_time).RefuseAssistantPrefixes();
        await using FastClient client = Create(mode, a, b);

        Func<Task> call = () => StreamAsync(client, Continuing());

        StreamInterruptedException error = (await call.Should().ThrowAsync<StreamInterruptedException>()).Which;
        error.Partial.Text.Should().Be("one two ");
        error.Kind.Should().Be(ErrorKind.Interrupted);
        error.Provider.Should().Be("a");
        error.Attempts.Select(attempt => attempt.Error).Should().Equal(ErrorKind.Interrupted, ErrorKind.InvalidRequest);
        a.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Where_no_target_continues_answers_it_ends_as_under_Fail(PerformanceMode mode)
    {
        ProviderEmulator b = new(_time);
        await using FastClient client = TestClients.Chain(_time, mode, null, Broken(), b);

        Func<Task> call = () => StreamAsync(client, Continuing());

        (await call.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("one two ");
        b.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_target_that_does_not_continue_answers_is_passed_over_and_the_decisions_say_so()
    {
        ProviderEmulator b = new(_time);
        ProviderEmulator c = new ProviderEmulator(_time).ThenAnswer("three");
        await using FastClient client = Create(PerformanceMode.Balanced, local => local.ContinuesAnswers = local.Endpoint?.Host != "b.test", Broken(), b, c);

        ChatResponse answer = await StreamAsync(client, Continuing());

        answer.Text.Should().Be("one two three");
        b.Attempts.Should().BeEmpty();
        answer.GetHarborInfo().Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Exclusion && decision.Target == "b/two");
    }

    [Theory]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task Where_there_is_no_other_the_same_target_writes_on_after_a_back_off(PerformanceMode mode)
    {
        ProviderEmulator a = Broken().ThenAnswer("three");
        await using FastClient client = Create(mode, a);

        ChatResponse answer = await StreamAsync(client, Continuing());

        answer.Text.Should().Be("one two three");
        answer.GetHarborInfo().Duration.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task Fast_does_not_ask_the_same_target_again()
    {
        ProviderEmulator a = Broken().ThenAnswer("three");
        await using FastClient client = Create(PerformanceMode.Fast, a);

        Func<Task> call = () => StreamAsync(client, Continuing());

        await call.Should().ThrowAsync<StreamInterruptedException>();
        a.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task What_is_more_than_text_is_not_continued()
    {
        EmulatedReply[] replies =
        [
            EmulatedReply.Answer("one ").ToolCall("call_1", "f", "{\"a\":", "1}").CutAfterUpdates(3),
            EmulatedReply.Answer(["one ", "two "]).Reasoning("hm").CutAfterUpdates(2),
        ];

        foreach (EmulatedReply reply in replies) await ShouldFailAsync(new ProviderEmulator(_time).ThenReply(reply), Continuing());
    }

    [Fact]
    public async Task Calls_that_ask_for_more_than_text_are_not_continued()
    {
        HarborChatOptions json = Continuing();
        json.ResponseFormat = ChatResponseFormat.Json;
        HarborChatOptions two = Continuing();
        two.AdditionalProperties = new AdditionalPropertiesDictionary { ["n"] = 2 };
        HarborChatOptions grammar = Continuing();
        grammar.AdditionalProperties = new AdditionalPropertiesDictionary { ["guided_regex"] = "[a-z ]+" };
        HarborChatOptions responses = Continuing();
        responses.OpenAIApi = OpenAIApi.Responses;

        foreach (HarborChatOptions options in new[] { json, two, grammar, responses }) await ShouldFailAsync(Broken(), options);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cancelling_while_the_next_target_is_asked_ends_the_call_as_cancelled(PerformanceMode mode)
    {
        ProviderEmulator b = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Create(mode, Broken(), b);
        using var source = new CancellationTokenSource();

        Task<List<string>> call = client.StreamTextAsync("hi", Continuing(), source.Token).ToListAsync();
        await b.AttemptReceived(1).Guarded();
        await source.CancelAsync();

        Func<Task> ended = () => call.Guarded();
        (await ended.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Leaving_a_continued_stream_leaves_nothing_behind(PerformanceMode mode)
    {
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer(["three ", "four"], reply => reply.SilentAfterUpdates(1));
        await using FastClient client = Create(mode, Broken(), b);

        await foreach (string piece in client.StreamTextAsync("hi", Continuing()))
        {
            if (piece.StartsWith("three", StringComparison.Ordinal)) break;
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_plain_call_has_shown_nothing_and_starts_over(PerformanceMode mode)
    {
        ProviderEmulator b = new ProviderEmulator(_time).ThenAnswer("whole");
        await using FastClient client = Create(mode, Broken(), b);

        ChatResponse answer = await client.GetResponseAsync("hi", Continuing());

        answer.Text.Should().Be("whole");
        b.Attempts.Single().BodyText.Should().NotContain("continue_final_message").And.NotContain("assistant");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static HarborChatOptions Continuing() => new() { MidStream = MidStreamPolicy.Continue };

    private ProviderEmulator Broken() => new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "lost"], reply => reply.ResetAfterUpdates(2));

    private FastClient Create(PerformanceMode mode, params ProviderEmulator[] providers) => Create(mode, local => local.ContinuesAnswers = true, providers);

    private FastClient Create(PerformanceMode mode, Action<LocalOptions> configure, params ProviderEmulator[] providers) => FastClient.Create(builder =>
    {
        string[] names = ["a", "b", "c"];
        string[] targets = ["a/one", "b/two", "c/three"];
        for (int i = 0; i < providers.Length; i++)
        {
            ProviderEmulator provider = providers[i];
            builder.AddLocal(names[i], new Uri($"http://{names[i]}.test:8000/v1/"), local =>
            {
                local.UseHandler(provider.CreateHandler());
                configure(local);
            });
        }

        builder.MapModel("chat", targets[..providers.Length]).UseDefaultModel("chat").UseTimeProvider(_time).UseMode(mode);
    });

    private async Task<ChatResponse> StreamAsync(FastClient client, HarborChatOptions options)
    {
        Task<List<ChatResponseUpdate>> call = client.GetStreamingResponseAsync("hi", options).ToListAsync();
        await _time.AdvanceUntil(call);
        return (await call).ToHarborResponse();
    }

    private async Task ShouldFailAsync(ProviderEmulator broken, HarborChatOptions options)
    {
        ProviderEmulator b = new(_time);
        await using FastClient client = Create(PerformanceMode.Balanced, broken, b);

        Func<Task> call = () => StreamAsync(client, options);

        await call.Should().ThrowAsync<StreamInterruptedException>();
        b.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
