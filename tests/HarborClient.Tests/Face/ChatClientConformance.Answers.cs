using HarborClient.Testing;

namespace HarborClient.Tests.Face;

// The rules about what comes back.
public abstract partial class ChatClientConformance
{
    private static EmulatedReply WholeReply() => EmulatedReply.Answer(["One", " two", " three"])
        .ToolCall("call_1", "weather", """{"city":""", "\"Oslo\"}")
        .Usage(promptTokens: 20, completionTokens: 9, cachedTokens: 5)
        .Model("answering-model");

    [Fact]
    public async Task Rule_4_every_update_of_a_call_has_one_response_id_and_the_model_as_returned()
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(WholeReply()));

        List<ChatResponseUpdate> updates = await client.UpdatesAsync();

        updates.Select(update => update.ResponseId).Distinct().Should().ContainSingle().Which.Should().NotBeNullOrEmpty();
        updates.Select(update => update.ModelId).Distinct().Should().Equal("answering-model");
    }

    [Fact]
    public async Task Rule_4_one_message_id_is_on_text_tool_call_and_usage_and_differs_between_calls()
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(WholeReply(), times: 2));

        List<ChatResponseUpdate> first = await client.UpdatesAsync();
        List<ChatResponseUpdate> second = await client.UpdatesAsync();

        string[] ids = [.. first.SkipLast(1).Select(update => update.MessageId!).Distinct()];
        ids.Should().ContainSingle().Which.Should().NotBeNullOrEmpty();
        first[^1].MessageId.Should().BeNull("what the last update says is about the response");
        second.Select(update => update.MessageId).Should().NotContain(ids[0]);
        first.ToChatResponse().Messages.Should().ContainSingle();
    }

    [Fact]
    public async Task Rule_4_the_role_is_on_the_first_update_and_the_finish_reason_once_on_the_last_of_the_message()
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two three")));

        List<ChatResponseUpdate> updates = await client.UpdatesAsync();

        updates[0].Role.Should().Be(ChatRole.Assistant);
        updates.Where(update => update.FinishReason is not null).Should().ContainSingle().Which.Should().BeSameAs(updates[^2]);
        updates[^2].FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Rule_4_a_plain_answer_says_the_same_as_the_folded_stream()
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(WholeReply(), times: 2));

        ChatResponse plain = await client.AskAsync();
        ChatResponse folded = (await client.UpdatesAsync()).ToChatResponse();

        folded.Text.Should().Be(plain.Text).And.Be("One two three");
        folded.ModelId.Should().Be(plain.ModelId).And.Be("answering-model");
        folded.FinishReason.Should().Be(plain.FinishReason).And.Be(ChatFinishReason.ToolCalls);
        folded.Messages.Single().Contents.Select(content => content.GetType()).Should().Equal(plain.Messages.Single().Contents.Select(content => content.GetType()));
        plain.ResponseId.Should().NotBeNullOrEmpty();
        plain.Messages.Single().MessageId.Should().NotBeNullOrEmpty();
        plain.Messages.Single().Role.Should().Be(ChatRole.Assistant);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_5_usage_is_counted_once(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(WholeReply()));

        UsageDetails? usage = (isStreaming ? (await client.UpdatesAsync()).ToChatResponse() : await client.AskAsync()).Usage;

        usage!.InputTokenCount.Should().Be(20);
        usage.OutputTokenCount.Should().Be(9);
        usage.TotalTokenCount.Should().Be(29);
        usage.CachedInputTokenCount.Should().Be(5).And.BeLessThanOrEqualTo(usage.InputTokenCount!.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_6_a_function_call_comes_once_and_complete(bool isStreaming)
    {
        EmulatedReply reply = new EmulatedReply().ToolCall("call_1", "weather", """{"ci""", "ty\":", "\"Oslo\"}").ToolCall("call_2", "time");
        await using FastClient client = Create(new ProviderEmulator().ThenReply(reply));

        IEnumerable<AIContent> contents = isStreaming ? (await client.UpdatesAsync()).SelectMany(update => update.Contents) : (await client.AskAsync()).Messages.Single().Contents;
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];

        calls.Select(call => (call.CallId, call.Name)).Should().Equal(("call_1", "weather"), ("call_2", "time"));
        calls[0].Arguments!["city"]!.ToString().Should().Be("Oslo");
        calls[1].Arguments.Should().BeEmpty();
        calls.Should().OnlyContain(call => call.Exception == null && !call.InformationalOnly);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_6_arguments_that_are_no_json_are_an_exception_in_the_content_and_not_of_the_call(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(new EmulatedReply().ToolCall("call_1", "weather", """{"city": Oslo""")));

        ChatResponse answer = isStreaming ? (await client.UpdatesAsync()).ToChatResponse() : await client.AskAsync();

        FunctionCallContent call = answer.Messages.Single().Contents.OfType<FunctionCallContent>().Single();
        call.Name.Should().Be("weather");
        call.Exception.Should().NotBeNull();
        call.RawRepresentation.Should().Be("""{"city": Oslo""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_7_reasoning_stays_apart_from_the_text(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(EmulatedReply.Answer("42").Reasoning("six ", "times seven")));

        ChatResponse answer = isStreaming ? (await client.UpdatesAsync()).ToChatResponse() : await client.AskAsync();

        answer.Text.Should().Be("42");
        answer.Messages.Single().Contents.OfType<TextReasoningContent>().Single().Text.Should().Be("six times seven");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_8_what_is_fatal_is_an_exception(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator().Then(400));

        Func<Task> call = isStreaming ? () => client.UpdatesAsync() : () => client.AskAsync();

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_8_an_unknown_finish_reason_is_carried_as_it_is(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator().ThenReply(EmulatedReply.Answer("hm").FinishReason("banana")));

        ChatResponse answer = isStreaming ? (await client.UpdatesAsync()).ToChatResponse() : await client.AskAsync();

        answer.FinishReason.Should().Be(new ChatFinishReason("banana"));
        answer.GetHarborInfo().FinishReason.Should().Be("banana");
    }

    [Fact]
    public async Task Rule_8_content_and_tools_of_unknown_types_are_skipped()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Create(provider);

        ChatResponse answer = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new StrangeContent(), new TextContent("hello there")])],
            new ChatOptions { Tools = [new StrangeTool()] });

        answer.Text.Should().EndWith("hello there");
    }

    [Fact]
    public async Task Rule_9_facts_about_the_response_land_on_the_response_and_not_on_its_message()
    {
        await using FastClient client = Create(new ProviderEmulator());

        List<ChatResponseUpdate> updates = await client.UpdatesAsync();
        ChatResponse folded = updates.ToChatResponse();

        updates[^1].Contents.Should().BeEmpty();
        folded.AdditionalProperties.Should().ContainKey("harbor.provider").WhoseValue.Should().Be(ProviderName);
        folded.Messages.Should().ContainSingle().Which.AdditionalProperties.Should().BeNullOrEmpty();
        folded.GetHarborInfo().Provider.Should().Be(ProviderName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_10_cancelling_ends_the_call_with_the_callers_token_and_closes_the_exchange(bool isStreaming)
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Create(provider);
        using var source = new CancellationTokenSource();

        Task call = isStreaming
            ? client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")], cancellationToken: source.Token).ToChatResponseAsync(CancellationToken.None)
            : client.AskAsync(cancellationToken: source.Token);
        await provider.AttemptReceived(1);
        await source.CancelAsync();

        (await call.Awaiting(pending => pending).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        await provider.AttemptEnded(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Rule_10_the_callers_token_and_the_enumerators_both_cancel_and_the_one_that_did_is_named(bool hasCallers, bool isEnumerators)
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two three").SilentAfterUpdates(1));
        await using FastClient client = Create(provider);
        using var callers = new CancellationTokenSource();
        using var enumerators = new CancellationTokenSource();
        IAsyncEnumerable<ChatResponseUpdate> stream = client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")], cancellationToken: hasCallers ? callers.Token : default);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = stream.GetAsyncEnumerator(enumerators.Token);
        (await updates.MoveNextAsync()).Should().BeTrue();

        Task<bool> pending = updates.MoveNextAsync().AsTask();
        CancellationTokenSource cancelled = isEnumerators ? enumerators : callers;
        await cancelled.CancelAsync();

        (await pending.Awaiting(read => read).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancelled.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Rule_10_disposing_the_enumerator_closes_the_connection()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two three").SilentAfterUpdates(1));
        await using FastClient client = Create(provider);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]))
        {
            update.Text.Should().NotBeEmpty();
            break;
        }

        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stream_starts_nothing_before_it_is_enumerated_and_each_enumeration_is_a_call()
    {
        var provider = new ProviderEmulator().ThenAnswer("first").ThenAnswer("second");
        await using FastClient client = Create(provider);

        IAsyncEnumerable<ChatResponseUpdate> stream = client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]);
        provider.Attempts.Should().BeEmpty();

        (await stream.ToChatResponseAsync()).Text.Should().Be("first");
        (await stream.ToChatResponseAsync()).Text.Should().Be("second");
    }

    private sealed class StrangeContent : AIContent;

    private sealed class StrangeTool : AITool;
}
