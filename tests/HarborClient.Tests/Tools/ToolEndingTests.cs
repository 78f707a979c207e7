using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// However a call with functions ends before its last answer: nothing is held, and what was made is not lost.
public sealed class ToolEndingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TheoryData<PerformanceMode, bool> ModesAndForms
    {
        get
        {
            var data = new TheoryData<PerformanceMode, bool>();
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                data.Add(mode, false);
                data.Add(mode, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ModesAndForms))]
    public async Task Cancelled_while_a_function_runs(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("deaf", "listening"));
        await using FastClient client = ToolBox.Client(provider, _time, mode);
        using var source = new CancellationTokenSource();

        Task call = Run(client, isStreaming, source.Token);
        await _started.Task.Guarded();
        await source.CancelAsync();

        OperationCanceledException error = (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which;
        error.CancellationToken.Should().Be(source.Token);
        await _cancelled.Task.Guarded();
        AssertNothingIsHeld(client);
        provider.Attempts.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(ModesAndForms))]
    public async Task The_client_is_disposed_while_a_function_runs(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("deaf", "listening"));
        FastClient client = ToolBox.Client(provider, _time, mode);

        Task call = Run(client, isStreaming, default);
        await _started.Task.Guarded();
        client.Dispose();

        await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        await _cancelled.Task.Guarded();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_is_disposed_while_a_function_runs(bool isText)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("deaf", "listening"));
        await using FastClient client = ToolBox.Client(provider, _time);
        IAsyncEnumerator<object> updates = (isText ? client.StreamTextAsync("hi", Options()) : (IAsyncEnumerable<object>)client.GetStreamingResponseAsync("hi", Options())).GetAsyncEnumerator();

        Task<bool> reading = ReadToEnd(updates);
        await _started.Task.Guarded();
        await updates.DisposeAsync().AsTask().Guarded();

        await FluentActions.Awaiting(() => reading.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        await _cancelled.Task.Guarded();
        (await updates.MoveNextAsync()).Should().BeFalse();
        await updates.DisposeAsync();
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task The_enumerators_own_token_cancels_a_function_and_is_in_the_exception()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("listening"));
        await using FastClient client = ToolBox.Client(provider, _time);
        using var own = new CancellationTokenSource();
        using var other = new CancellationTokenSource();

        Task<bool> reading = ReadToEnd(client.GetStreamingResponseAsync("hi", Options(), other.Token).GetAsyncEnumerator(own.Token));
        await _started.Task.Guarded();
        await own.CancelAsync();

        (await FluentActions.Awaiting(() => reading.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(own.Token);
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task A_stream_is_disposed_by_another_thread_at_any_moment()
    {
        const int Rounds = 300;
        var provider = new ProviderEmulator().Respond(_ => ToolBox.Calls("quick").Pieces("one ", "two"));
        await using FastClient client = ToolBox.Client(provider, TimeProvider.System, tools: o => o.MaximumIterations = 1000);
        AIFunction quick = ToolBox.Async("quick", async _ =>
        {
            await Task.Yield();
            return "x";
        });

        for (int round = 0; round < Rounds; round++)
        {
            IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi", ToolBox.With(quick)).GetAsyncEnumerator();
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<Exception?> reading = Task.Run(() => ReadUntilEnd(updates, round % 12, reached));
            await reached.Task.Guarded();
            await updates.DisposeAsync().AsTask().Guarded();
            (await reading.Guarded()).Should().Match<Exception?>(error => error == null || error is OperationCanceledException);
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndForms))]
    public async Task A_stream_is_left_between_and_within_answers(PerformanceMode mode, bool isInSecond)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("quick").Pieces("one")).ThenAnswer(["two ", "three"], reply => reply.SilentAfterUpdates(1));
        await using FastClient client = ToolBox.Client(provider, _time, mode);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", ToolBox.With(ToolBox.Weather(name: "quick"))))
        {
            if (isInSecond ? update.Text == "two " : update.Role == ChatRole.Tool) break;
        }

        provider.Attempts.Should().HaveCount(isInSecond ? 2 : 1);
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task A_text_stream_that_is_left_tells_how_it_went()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("quick").Pieces("one")).ThenAnswer(["two ", "three"], reply => reply.SilentAfterUpdates(1));
        await using FastClient client = ToolBox.Client(provider, _time);
        HarborTextStream stream = client.StreamTextAsync("hi", ToolBox.With(ToolBox.Weather(name: "quick")));

        await foreach (string piece in stream)
        {
            if (piece == "two ") break;
        }

        stream.Info!.Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task A_stream_that_was_never_read_asks_nobody()
    {
        var provider = new ProviderEmulator(_time);
        await using FastClient client = ToolBox.Client(provider, _time);

        IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi", Options()).GetAsyncEnumerator();
        await updates.DisposeAsync();

        (await updates.MoveNextAsync()).Should().BeFalse();
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_stream_whose_messages_cannot_be_read_is_over_after_the_error()
    {
        var provider = new ProviderEmulator(_time);
        await using FastClient client = ToolBox.Client(provider, _time);
        int reads = 0;
        IEnumerable<ChatMessage> messages = Enumerable.Range(0, 1).Select(_ => reads++ == 0 ? throw new InvalidOperationException("gone") : new ChatMessage(ChatRole.User, "hi"));
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync(messages, Options()).GetAsyncEnumerator();

        await FluentActions.Awaiting(() => updates.MoveNextAsync().Guarded()).Should().ThrowAsync<InvalidOperationException>().WithMessage("gone");

        (await updates.MoveNextAsync().Guarded()).Should().BeFalse();
        provider.Attempts.Should().BeEmpty();
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task A_null_among_messages_with_approvals_is_refused_as_everywhere()
    {
        var provider = new ProviderEmulator(_time);
        await using FastClient client = ToolBox.Client(provider, _time);
        var approval = new ChatMessage(ChatRole.User, [new ToolApprovalResponseContent("r", true, new FunctionCallContent("c", "listening"))]);

        await client.Awaiting(c => c.GetResponseAsync([null!, approval], Options())).Should().ThrowAsync<ArgumentException>().WithMessage("*messages is null*");

        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task Two_reads_at_a_time_are_refused_while_a_function_runs()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("listening"));
        await using FastClient client = ToolBox.Client(provider, _time);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi", Options()).GetAsyncEnumerator();

        Task<bool> reading = ReadToEnd(updates);
        await _started.Task.Guarded();

        await FluentActions.Awaiting(() => updates.MoveNextAsync().AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*one reader*");
        await updates.DisposeAsync();
        await FluentActions.Awaiting(() => reading.Guarded()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_of_a_later_answer_keeps_its_type_and_tells_what_was_made(bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("quick")).Then(401);
        await using FastClient client = ToolBox.Client(provider, _time);
        ChatOptions options = ToolBox.With(ToolBox.Weather(name: "quick"));

        Func<Task> act = () => isStreaming ? client.GetStreamingResponseAsync("hi", options).ToListAsync() : client.GetResponseAsync("hi", options);

        HarborException error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Authentication);
        error.CompletedMessages.Select(message => message.Role).Should().Equal(ChatRole.Assistant, ChatRole.Tool);
        error.Attempts.Select(attempt => (attempt.Number, attempt.Error)).Should().Equal((1, null), (2, ErrorKind.Authentication));
        AssertNothingIsHeld(client);
    }

    [Fact]
    public async Task An_interruption_of_a_later_answer_has_that_answers_beginning_and_the_earlier_messages_and_the_call_can_go_on()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("quick")).ThenAnswer(["two ", "three"], reply => reply.ResetAfterUpdates(1)).ThenAnswer("whole");
        await using FastClient client = ToolBox.Client(provider, _time);
        HarborTextStream stream = client.StreamTextAsync("hi", ToolBox.With(ToolBox.Weather(name: "quick")));

        StreamInterruptedException error = (await FluentActions.Awaiting(() => stream.ToListAsync()).Should().ThrowAsync<StreamInterruptedException>()).Which;
        AIFunction mustNotRun = ToolBox.Weather(_ => throw new InvalidOperationException("must not run again"), "quick");
        ChatResponse rest = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), .. error.CompletedMessages], ToolBox.With(mustNotRun));

        error.Partial.Text.Should().Be("two ");
        error.Attempts.Should().HaveCount(2);
        stream.Info!.Attempts.Should().HaveCount(2);
        rest.Text.Should().Be("whole");
        provider.Sent(2).Should().Equal("user: hi", "assistant: quick", "tool: rain in Oslo");
        AssertNothingIsHeld(client);
    }

    private static async Task<Exception?> ReadUntilEnd(IAsyncEnumerator<ChatResponseUpdate> updates, int signalAt, TaskCompletionSource reached)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                if (i == signalAt) reached.SetResult();
                if (!await updates.MoveNextAsync()) return null;
            }
        }
        catch (Exception e)
        {
            reached.TrySetResult();
            return e;
        }
    }

    private static async Task<bool> ReadToEnd<T>(IAsyncEnumerator<T> updates)
    {
        while (await updates.MoveNextAsync())
        {
        }

        return true;
    }

    private void AssertNothingIsHeld(FastClient client)
    {
        client.Outstanding().Should().Be(Outstanding.None);
        _time.PendingTimers.Should().Be(0);
    }

    // One function that ignores its token, one that says when it is cancelled.
    private ChatOptions Options() => ToolBox.With(
        ToolBox.Async("deaf", _ => new TaskCompletionSource<string>().Task),
        ToolBox.Async("listening", async token =>
        {
            var waiting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = token.Register(() =>
            {
                _cancelled.TrySetResult();
                waiting.TrySetCanceled(token);
            });
            _started.TrySetResult();
            return await waiting.Task;
        }));

    private async Task Run(FastClient client, bool isStreaming, CancellationToken token)
    {
        if (isStreaming) await client.GetStreamingResponseAsync("hi", Options(), token).ToListAsync();
        else await client.GetResponseAsync("hi", Options(), token);
    }
}
