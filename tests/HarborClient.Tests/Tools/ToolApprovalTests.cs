using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// Who may say no before a function runs: a hook of the client's, or the caller, by messages.
public sealed class ToolApprovalTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_hook_is_asked_one_by_one_and_a_refusal_with_its_reason_is_told_to_the_model()
    {
        var asked = new List<string>();
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read", "delete")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o =>
        {
            o.MaximumConsecutiveErrors = 0;
            o.UseApproval((invocation, _) =>
            {
                asked.Add($"{invocation.Call.Name} {invocation.Call.Arguments!["city"]} {invocation.Iteration} {invocation.Messages.Count}");
                return new ValueTask<ToolApproval>(invocation.Function.Name == "read" ? ToolApproval.Granted : ToolApproval.Denied("Oslo stays."));
            });
        });

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(name: "read"), ToolBox.Weather(_ => throw new InvalidOperationException("must not run"), "delete")));

        asked.Should().Equal("read Oslo 1 1", "delete Oslo 1 1");
        response.Results().Select(result => result.Result!.ToString()).Should().Equal("rain in Oslo", "Error: The call of this function was not approved: Oslo stays.");
        response.Text.Should().Be("done", "a refusal is no failure");
    }

    [Fact]
    public async Task The_default_decision_is_a_refusal() => (await new ValueTask<ToolApproval>(default(ToolApproval))).IsGranted.Should().BeFalse();

    [Fact]
    public async Task A_hook_that_throws_fails_the_call()
    {
        var cause = new InvalidOperationException("no operator");
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.UseApproval((_, _) => throw cause));

        HarborException error = (await client.Awaiting(c => c.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(name: "read")))).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.Tool);
        error.InnerException.Should().BeSameAs(cause);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hook_that_throws_because_the_call_was_cancelled_shows_the_cancellation(bool isStreaming)
    {
        using var source = new CancellationTokenSource();
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.UseApproval((_, _) =>
        {
            source.Cancel();
            throw new InvalidOperationException("the dialog was closed");
        }));
        ChatOptions options = ToolBox.With(ToolBox.Weather(name: "read"));

        Func<Task> call = () => isStreaming ? client.GetStreamingResponseAsync("hi", options, source.Token).ToListAsync() : client.GetResponseAsync("hi", options, source.Token);

        (await call.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_hook_that_does_not_listen_does_not_hold_up_a_cancellation()
    {
        var asked = new TaskCompletionSource();
        using var source = new CancellationTokenSource();
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read"));
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.UseApproval((_, _) =>
        {
            asked.SetResult();
            return new ValueTask<ToolApproval>(new TaskCompletionSource<ToolApproval>().Task);
        }));

        Task call = client.GetResponseAsync("hi", ToolBox.With(ToolBox.Weather(name: "read")), source.Token);
        await asked.Task.Guarded();
        await source.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_hook_answers_for_functions_that_require_approval_too()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read")).ThenAnswer("done");
        await using FastClient client = ToolBox.Client(provider, _time, tools: o => o.UseApproval((_, _) => new ValueTask<ToolApproval>(ToolApproval.Granted)));

        ChatResponse response = await client.GetResponseAsync("hi", ToolBox.With(Guarded("read")));

        response.Text.Should().Be("done");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Without_a_hook_the_caller_is_asked_by_messages_and_answers_by_messages(bool isStreaming, bool isApproved)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read", "free").Pieces("May I?")).ThenAnswer("done").ThenAnswer("more");
        await using FastClient client = ToolBox.Client(provider, _time);
        ChatOptions options = ToolBox.With(Guarded("read"), ToolBox.Weather(name: "free"));
        List<ChatMessage> history = [new(ChatRole.User, "hi")];

        ChatResponse first = await Ask(client, history, options, isStreaming);
        history.AddRange(first.Messages);
        List<ToolApprovalRequestContent> requests = [.. first.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>()];
        history.Add(new ChatMessage(ChatRole.User, [.. requests.Select(request => request.CreateResponse(isApproved, "not today")), new TextContent("quick please")]));
        ChatResponse second = await Ask(client, history, options, isStreaming);
        history.AddRange(second.Messages);
        history.Add(new ChatMessage(ChatRole.User, "and now?"));
        ChatResponse third = await Ask(client, history, options, isStreaming);

        requests.Select(request => ((FunctionCallContent)request.ToolCall).Name).Should().Equal("read", "free");
        first.Messages.SelectMany(message => message.Contents).Should().NotContain(content => content is FunctionCallContent);
        first.Text.Should().Be("May I?");
        string result = isApproved ? "rain in Oslo" : "Error: The call of this function was not approved: not today";
        provider.Sent(1).Should().Equal("user: hi", "assistant: May I?", "assistant: read,free", $"tool: {result}", $"tool: {result}", "user: quick please");
        second.Messages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant);
        second.Text.Should().Be("done");
        provider.Sent(2).Should().Equal("user: hi", "assistant: May I?", "user: quick please", "assistant: read,free", $"tool: {result}", $"tool: {result}", "assistant: done", "user: and now?");
        third.Text.Should().Be("more");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_request_without_an_answer_is_refused_before_anything_is_sent()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("read"));
        await using FastClient client = ToolBox.Client(provider, _time);
        ChatOptions options = ToolBox.With(Guarded("read"));
        ChatResponse first = await client.GetResponseAsync("hi", options);

        HarborException error = (await client.Awaiting(c => c.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), .. first.Messages], options)).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("'read'").And.Contain("CreateResponse");
        provider.Attempts.Should().ContainSingle();
    }

    private static ApprovalRequiredAIFunction Guarded(string name) => new(ToolBox.Weather(name: name));

    private static async Task<ChatResponse> Ask(FastClient client, List<ChatMessage> history, ChatOptions options, bool isStreaming) =>
        isStreaming ? (await client.GetStreamingResponseAsync(history, options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync(history, options);
}
