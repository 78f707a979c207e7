using HarborClient.Testing;

namespace HarborClient.Tests.Calls;

// However a call ends by itself, by its caller's token or by an error: nothing is held afterwards, and the next call works.
public sealed class EndingTests : CallEndings
{
    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Finished(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenAnswer("the whole answer");
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        var text = await AskAsync(client, isStreaming);

        text.Should().Be("the whole answer");
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_before_it_began(PerformanceMode mode, bool isStreaming)
    {
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();

        var act = () => AskAsync(client, isStreaming, token: caller.Token);

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        Provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_before_headers(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await Provider.AttemptReceived(1);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await Provider.AttemptEnded(1);
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_between_headers_and_first_update(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(EmulatedReply.Answer("never").SilentAtByte(0));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await Provider.AttemptReceived(1);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_mid_stream(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.SilentAtByte(300));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await Provider.AttemptEnded(1);
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cancelled_while_nobody_reads(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var caller = new CancellationTokenSource();
        await using var updates = client.StreamTextAsync("hi", null, caller.Token).GetAsyncEnumerator(CancellationToken.None);
        await updates.MoveNextAsync();

        await caller.CancelAsync();
        var act = async () => await updates.MoveNextAsync();

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cancelled_through_WithCancellation(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var ofTheCall = new CancellationTokenSource();
        using var ofTheEnumeration = new CancellationTokenSource();
        List<string> seen = [];

        var act = async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi", null, ofTheCall.Token).WithCancellation(ofTheEnumeration.Token))
            {
                seen.Add(update.Text);
                await ofTheEnumeration.CancelAsync();
            }
        };

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(ofTheEnumeration.Token);
        seen.Should().Equal("one ");
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cancelled_through_the_calls_token_while_the_enumeration_has_another(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        using var ofTheCall = new CancellationTokenSource();
        using var ofTheEnumeration = new CancellationTokenSource();
        await using var updates = client.StreamTextAsync("hi", null, ofTheCall.Token).GetAsyncEnumerator(ofTheEnumeration.Token);
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync();
        await ofTheCall.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(ofTheCall.Token);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Enumerated_twice_is_two_calls(PerformanceMode mode)
    {
        Provider.ThenAnswer("first").ThenAnswer("second");
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        var stream = client.GetStreamingResponseAsync("hi");

        var first = (await stream.ToListAsync()).ToHarborResponse();
        var second = (await stream.ToListAsync()).ToHarborResponse();

        first.Text.Should().Be("first");
        second.Text.Should().Be("second");
        first.Messages[0].MessageId.Should().NotBe(second.Messages[0].MessageId);
        Provider.Attempts.Should().HaveCount(2);
        await AssertNothingIsHeldAsync(client);
    }

    [Fact]
    public async Task A_stream_starts_nothing_before_it_is_enumerated()
    {
        await using var client = TestClients.Balanced(Provider, Time);

        _ = client.GetStreamingResponseAsync("hi");
        _ = client.StreamTextAsync("hi");

        Provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_second_read_while_one_is_pending_is_refused_and_harms_nothing()
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.Balanced(Provider, Time);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync();
        var second = () => updates.MoveNextAsync();
        second.Should().Throw<InvalidOperationException>();
        Time.Advance(TimeSpan.FromSeconds(1));

        (await pending.Guarded()).Should().BeTrue();
        updates.Current.Should().Be("two");
        (await updates.MoveNextAsync()).Should().BeFalse();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [CombinatorialPhases]
    public async Task Failed(PerformanceMode mode, bool isStreaming, string phase)
    {
        Provider.ThenReply(phase switch
        {
            "connecting" => new EmulatedReply().ConnectionRefused(),
            "sending" => new EmulatedReply().ResetBeforeHeaders(),
            "waiting for headers" => new EmulatedReply().AbortWhenBodyRead(),
            "status" => EmulatedReply.Error(500),
            "reading the error" => EmulatedReply.Error(500).ResetAtByte(5),
            "redirect" => new EmulatedReply().RedirectTo(new Uri("https://elsewhere.test/")),
            "encoding" => EmulatedReply.Answer("x").Header("content-encoding", "zstd"),
            "first byte" => EmulatedReply.Answer("one two").ResetAtByte(0),
            "first event" => EmulatedReply.Raw("data: {\"choices\":[{\"index\":0,\"del\n\n", "text/event-stream"),
            "mid-answer" => EmulatedReply.Answer("one two three").ResetAtByte(300),
            "mid-answer, cleanly" => EmulatedReply.Answer("one two three").CutAtByte(300),
            "compressed" => EmulatedReply.Answer("one two three").TruncatedGzip(),
            "error inside" => EmulatedReply.Raw("data: {\"error\":{\"message\":\"no\",\"code\":503}}\n\n", "text/event-stream"),
            _ => throw new ArgumentOutOfRangeException(nameof(phase)),
        });
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        var act = () => AskAsync(client, isStreaming);

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Provider.Should().Be("openai");
        error.Attempts.Should().ContainSingle().Which.Error.Should().NotBeNull();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Refused_before_anything_was_sent(PerformanceMode mode, bool isStreaming)
    {
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        var act = () => AskAsync(client, isStreaming, new ChatOptions { ConversationId = "kept-elsewhere" });

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        Provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_credential_that_cannot_be_had_holds_nothing(PerformanceMode mode, bool isStreaming)
    {
        var isOpen = false;
        await using var client = TestClients.OpenAI(Provider, Time, mode, options: openAI =>
            openAI.UseCredential(_ => isOpen ? ValueTask.FromResult("sk-later-7Qm2xWv9") : throw new InvalidOperationException("vault closed")));

        var act = () => AskAsync(client, isStreaming);

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Authentication);
        isOpen = true;
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_keeps_the_body_open_after_the_end_marker_costs_100_ms_and_not_the_answer(PerformanceMode mode)
    {
        Provider.ThenAnswer("complete", reply => reply.SilentAtEnd());
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        await Time.TimerSet(TimeSpan.FromMilliseconds(100));
        var wasPending = !pending.IsCompleted;
        Time.Advance(TimeSpan.FromMilliseconds(100));

        (await pending.Guarded()).Should().Equal("complete");
        wasPending.Should().BeTrue();
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    // Every phase in every mode, streamed and plain.
    private sealed class CombinatorialPhasesAttribute : Xunit.Sdk.DataAttribute
    {
        private static readonly string[] Phases =
        [
            "connecting", "sending", "waiting for headers", "status", "reading the error", "redirect", "encoding", "first byte", "first event",
            "mid-answer", "mid-answer, cleanly", "compressed", "error inside",
        ];

        public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) =>
            from mode in Enum.GetValues<PerformanceMode>()
            from isStreaming in new[] { true, false }
            from phase in Phases
            select new object[] { mode, isStreaming, phase };
    }
}
