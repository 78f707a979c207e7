using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// What a call with functions sends and returns.
public sealed class ToolLoopTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    public static TheoryData<bool, bool> DoorsAndForms => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_plain_call_returns_all_messages_the_sum_of_usage_and_every_attempt(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(ToolBox.Calls("weather").Usage(10, 5, 4, 2).DelayBeforeHeaders(TimeSpan.Zero))
            .ThenAnswer("It rains.", reply => reply.Usage(30, 7, 1, 3));
        await using FastClient client = ToolBox.Client(provider, _time, mode);

        ChatResponse response = await client.GetResponseAsync("weather?", ToolBox.With(ToolBox.Weather()));

        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        response.Messages[0].Contents.OfType<FunctionCallContent>().Should().ContainSingle().Which.CallId.Should().Be("call_weather_0");
        response.Results().Should().ContainSingle().Which.CallId.Should().Be("call_weather_0");
        response.Messages.Select(message => message.MessageId).Should().OnlyHaveUniqueItems().And.NotContainNulls();
        response.Text.Should().Be("It rains.");
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.Usage!.InputTokenCount.Should().Be(40);
        response.Usage.OutputTokenCount.Should().Be(12);
        response.Usage.CachedInputTokenCount.Should().Be(5);
        response.Usage.ReasoningTokenCount.Should().Be(5);
        HarborCallInfo info = response.GetHarborInfo();
        info.Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        info.Mode.Should().Be(mode);
        info.FinishReason.Should().Be("stop");
        provider.Sent(1).Should().Equal("user: weather?", "assistant: weather", "tool: rain in Oslo");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Counts_that_no_answer_has_do_not_make_the_sum_of_usage_run_over(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").Usage(long.MaxValue, 1)).ThenAnswer(["done"], reply => reply.Usage(long.MaxValue, 1));
        await using FastClient client = ToolBox.Client(provider, _time);

        ChatResponse response = await client.AnswerAsync(ToolBox.With(ToolBox.Weather()), isStreaming);

        response.Usage!.InputTokenCount.Should().BeNull();
        response.Usage.OutputTokenCount.Should().Be(2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stream_shows_every_answer_the_results_between_them_and_the_information_once_at_the_end(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time)
            .ThenReply(ToolBox.Calls("weather").Pieces("Let me ", "look.").Usage(10, 5))
            .ThenAnswer(["It ", "rains."], reply => reply.Usage(30, 7));
        await using FastClient client = ToolBox.Client(provider, _time, mode);

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("weather?", ToolBox.With(ToolBox.Weather())).ToListAsync();

        updates.Where(update => update.MessageId is null).Should().ContainSingle().Which.Should().BeSameAs(updates[^1]);
        updates[^1].Contents.Should().BeEmpty();
        updates.Where(update => update.Role == ChatRole.Tool).Should().ContainSingle().Which.Contents.Should().AllBeOfType<FunctionResultContent>();
        ChatResponse response = updates.ToHarborResponse();
        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        response.Messages[0].Text.Should().Be("Let me look.");
        response.Messages[2].Text.Should().Be("It rains.");
        response.Usage!.InputTokenCount.Should().Be(40);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.GetHarborInfo().Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        provider.Sent(1).Should().Equal("user: weather?", "assistant: weather", "tool: rain in Oslo");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Text_streams_the_text_of_every_answer(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").Pieces("Let me look. ")).ThenAnswer(["It ", "rains."]);
        await using FastClient client = ToolBox.Client(provider, _time, mode);

        HarborTextStream stream = client.StreamTextAsync("weather?", ToolBox.With(ToolBox.Weather()));

        string.Concat(await stream.ToListAsync()).Should().Be("Let me look. It rains.");
        stream.Info!.Attempts.Should().HaveCount(2);
        stream.Info.FinishReason.Should().Be("stop");
        string.Concat(await stream.ToListAsync()).Should().NotBeEmpty("each enumeration is a new call");
        provider.Attempts.Should().HaveCount(3);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_that_were_run_are_marked_so_and_the_callers_own_are_not(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather", "weather")).ThenReply(ToolBox.Calls("theirs"));
        await using FastClient client = ToolBox.Client(provider, _time);
        ChatOptions options = ToolBox.With(ToolBox.Weather(), ToolBox.Weather(name: "theirs").AsDeclarationOnly());
        List<bool> marks = [];

        if (isStreaming)
        {
            // As they are at the moment they are shown: whoever invokes functions around the client decides then.
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", options)) marks.AddRange(Marks(update.Contents));
        }
        else
        {
            marks.AddRange((await client.GetResponseAsync("hi", options)).Messages.SelectMany(message => Marks(message.Contents)));
        }

        marks.Should().Equal(true, true, false);
    }

    [Theory]
    [MemberData(nameof(DoorsAndForms))]
    public async Task Three_rounds_are_three_calls_and_an_answer_in_memory_and_on_a_socket(bool isSocket, bool isStreaming)
    {
        var provider = new ProviderEmulator().ThenReply(ToolBox.Calls("weather")).ThenReply(ToolBox.Calls("weather", "weather")).ThenReply(ToolBox.Calls("weather")).ThenAnswer("done");
        await using EmulatorServer? server = isSocket ? await provider.StartAsync() : null;
        await using FastClient client = FastClient.Create(h => h.UseToolInvocation().UseDefaultModel(TestClients.Model).AddOpenAI("sk-test-7Qm2xWv9", o =>
        {
            if (server is null) o.SendOnceThrough(provider.CreateHandler());
            else o.Endpoint = server.Endpoint;
        }));

        ChatOptions options = ToolBox.With(ToolBox.Weather());
        ChatResponse response = await client.AnswerAsync(options, isStreaming).Guarded();

        response.Text.Should().Be("done");
        response.Messages.Should().HaveCount(7);
        response.Results().Should().HaveCount(4);
        response.GetHarborInfo().Attempts.Should().HaveCount(4);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_callers_messages_and_options_stay_as_they_are_and_a_forced_choice_is_for_the_first_answer_only()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time);
        List<ChatMessage> messages = [new(ChatRole.User, "hi")];
        ChatOptions options = ToolBox.With(ToolBox.Weather());
        options.ToolMode = ChatToolMode.RequireSpecific("weather");
        options.Temperature = 0.5f;

        await client.GetResponseAsync(messages, options);

        messages.Should().ContainSingle();
        options.ToolMode.Should().BeOfType<RequiredChatToolMode>();
        provider.Attempts[0].BodyJson!.Value.GetProperty("tool_choice").GetProperty("type").GetString().Should().Be("function");
        provider.Attempts[1].BodyJson!.Value.TryGetProperty("tool_choice", out _).Should().BeFalse();
        provider.Attempts[1].BodyJson!.Value.GetProperty("temperature").GetDouble().Should().Be(0.5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_last_round_an_answer_is_asked_for_with_the_tools_off_and_returned_whatever_it_holds(bool isStreaming)
    {
        var logs = new RecordedLogs();
        var provider = new ProviderEmulator(_time).Otherwise(ToolBox.Calls("weather"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.MaximumIterations = 2, more: h => h.UseLoggerFactory(logs));

        ChatOptions options = ToolBox.With(ToolBox.Weather());
        ChatResponse response = await client.AnswerAsync(options, isStreaming);

        provider.Attempts.Select(attempt => attempt.BodyJson!.Value.TryGetProperty("tool_choice", out var choice) ? choice.GetString() : null).Should().Equal(null, null, "none");
        response.Messages[^1].Contents.OfType<FunctionCallContent>().Should().ContainSingle();
        response.Results().Should().HaveCount(2);
        logs.Of(47).Should().ContainSingle();
    }

    [Fact]
    public async Task Without_UseToolInvocation_or_without_a_function_calls_go_to_the_caller()
    {
        var provider = new ProviderEmulator(_time).Otherwise(ToolBox.Calls("weather"));
        await using FastClient off = TestClients.Balanced(provider, _time);
        await using FastClient on = ToolBox.Client(provider, _time);
        AIFunction weather = ToolBox.Weather(_ => throw new InvalidOperationException("must not run"));

        ChatResponse[] responses =
        [
            await off.GetResponseAsync("hi", ToolBox.With(weather)),
            await on.GetResponseAsync("hi", ToolBox.With(weather.AsDeclarationOnly())),
            await on.GetResponseAsync("hi"),
        ];

        responses.Should().OnlyContain(response => response.Messages.Count == 1 && response.FinishReason == ChatFinishReason.ToolCalls);
        provider.Attempts.Should().HaveCount(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_call_that_is_not_ours_to_run_hands_the_whole_answer_to_the_caller(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).Otherwise(ToolBox.Calls("weather", "theirs"));
        await using FastClient client = ToolBox.Client(provider, _time);
        ChatOptions options = ToolBox.With(ToolBox.Weather(_ => throw new InvalidOperationException("must not run")), ToolBox.Weather(name: "theirs").AsDeclarationOnly());

        ChatResponse response = await client.AnswerAsync(options, isStreaming);

        response.Messages.Should().ContainSingle().Which.Contents.OfType<FunctionCallContent>().Should().HaveCount(2);
        provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_function_that_the_call_lacks_is_found_among_the_additional_ones_which_are_not_sent()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("hidden")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.AddTools(ToolBox.Weather(name: "hidden")));

        ChatResponse response = await client.GetResponseAsync("hi");

        response.Results().Single().Result!.ToString().Should().Be("rain in Oslo");
        provider.Attempts[0].BodyJson!.Value.TryGetProperty("tools", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_function_gets_its_services_its_context_and_a_copy_of_its_arguments_and_can_end_the_loop()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("ender"), 2);
        await using FastClient client = ToolBox.Client(provider, _time);
        ToolInvocation? seen = null;
        AIFunction ender = AIFunctionFactory.Create(
            (AIFunctionArguments arguments) =>
            {
                seen = (ToolInvocation)arguments.Context![typeof(ToolInvocation)]!;
                seen.Should().BeSameAs(ToolInvocation.Current);
                arguments["city"] = "changed";
                seen.Terminate = true;
            },
            "ender");

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ender));

        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool);
        seen!.Iteration.Should().Be(1);
        seen.Messages.Should().ContainSingle().Which.Text.Should().Be("hi");
        seen.Call.Arguments!["city"]!.ToString().Should().Be("Oslo");
        ToolInvocation.Current.Should().BeNull();
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi", ToolBox.With(ender)).ToListAsync();
        updates[^1].MessageId.Should().BeNull();
        updates.ToHarborResponse().Messages.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_visible_restart_of_a_later_answer_voids_that_answer_only()
    {
        var first = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(2));
        var second = new ProviderEmulator(_time).ThenAnswer("other");
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, h => h.UseToolInvocation(), first, second);
        ChatOptions options = new HarborChatOptions { MidStream = MidStreamPolicy.Restart, Tools = [ToolBox.Weather()] };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi", options).ToListAsync();

        updates.Should().ContainSingle(update => update.IsRestart());
        ChatResponse response = updates.ToHarborResponse();
        response.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        response.Text.Should().Be("other");
        response.GetHarborInfo().Attempts.Select(attempt => (attempt.Number, attempt.Provider)).Should().Equal((1, "a"), (2, "a"), (3, "b"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_answer_that_calls_goes_on_with_everything_it_had_in_its_order(bool isStreaming)
    {
        ChatMessage? answered = null;
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather").Reasoning("I need ", "the weather.").Pieces("Let me look.")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, more: h => h.AddStage(StageScope.Call, next => new Face.CallProbe(next, call => answered = call.Messages.ElementAtOrDefault(1))));

        ChatResponse response = await client.AnswerAsync(ToolBox.With(ToolBox.Weather()), isStreaming);

        answered!.Contents.Select(content => content.GetType()).Should().Equal(typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent));
        response.Messages[0].Contents.Select(content => content.GetType()).Should().Equal(typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent));
    }

    private static IEnumerable<bool> Marks(IEnumerable<AIContent> contents) => contents.OfType<FunctionCallContent>().Select(call => call.InformationalOnly);
}
