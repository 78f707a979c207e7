using System.Runtime.CompilerServices;
using HarborClient.Testing;

namespace HarborClient.Tests.Calls;

// However a call ends: nothing is held afterwards, and the next call works.
public sealed class EndingTests
{
    // A dropped stream is found by the first or second collection; more only on a busy machine.
    private const int MaxCollections = 200;

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public EndingTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("alive and well"));

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    public static TheoryData<PerformanceMode, bool> ModesAndWays
    {
        get
        {
            var data = new TheoryData<PerformanceMode, bool>();
            foreach (var mode in Enum.GetValues<PerformanceMode>())
            {
                data.Add(mode, true);
                data.Add(mode, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Finished(PerformanceMode mode, bool isStreaming)
    {
        _provider.ThenAnswer("the whole answer");
        await using var client = TestClients.OpenAI(_provider, _time, mode);

        var text = await AskAsync(client, isStreaming);

        text.Should().Be("the whole answer");
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_before_it_began(PerformanceMode mode, bool isStreaming)
    {
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();

        var act = () => AskAsync(client, isStreaming, token: caller.Token);

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        _provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_before_headers(PerformanceMode mode, bool isStreaming)
    {
        _provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await _provider.AttemptReceived(1);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await _provider.AttemptEnded(1);
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_between_headers_and_first_update(PerformanceMode mode, bool isStreaming)
    {
        _provider.ThenReply(EmulatedReply.Answer("never").SilentAtByte(0));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await _provider.AttemptReceived(1);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelled_mid_stream(PerformanceMode mode, bool isStreaming)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.SilentAtByte(300));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        using var caller = new CancellationTokenSource();

        var pending = AskAsync(client, isStreaming, token: caller.Token);
        await caller.CancelAsync();

        (await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        await _provider.AttemptEnded(1);
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cancelled_while_nobody_reads(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
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
        _provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
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
        _provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
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
    public async Task Left_with_break(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(_provider, _time, mode);

        await foreach (var update in client.GetStreamingResponseAsync("hi"))
        {
            update.Text.Should().Be("one ");
            break;
        }

        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Left_with_an_exception_of_the_consumers(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(_provider, _time, mode);

        var act = async () =>
        {
            await foreach (var piece in client.StreamTextAsync("hi")) throw new InvalidOperationException(piece);
        };

        await act.Should().ThrowAsync<InvalidOperationException>().WithMessage("one ");
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Disposed_without_having_been_read(PerformanceMode mode)
    {
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();

        await updates.DisposeAsync();

        (await updates.MoveNextAsync()).Should().BeFalse();
        _provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Disposed_before_the_tail_was_read(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one"]);
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();

        await updates.DisposeAsync();
        await updates.DisposeAsync();

        (await updates.MoveNextAsync()).Should().BeFalse();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [InlineData(PerformanceMode.Fast, 0)]
    [InlineData(PerformanceMode.Balanced, 0)]
    [InlineData(PerformanceMode.Full, 0)]
    [InlineData(PerformanceMode.Fast, 1)]
    [InlineData(PerformanceMode.Balanced, 1)]
    [InlineData(PerformanceMode.Full, 1)]
    public async Task Disposed_while_a_read_is_pending(PerformanceMode mode, int updatesBefore)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(updatesBefore));
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        for (var i = 0; i < updatesBefore; i++) await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync();
        await updates.DisposeAsync();

        await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        await _provider.AttemptEnded(1);
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Abandoned_mid_stream_without_dispose(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        using var logs = new RecordedLogs();
        await using var client = TestClients.OpenAI(_provider, _time, mode, builder => builder.UseLoggerFactory(logs));

        ReadOneAndDrop(client);
        client.Outstanding().Exchanges.Should().Be(1);
        for (var i = 0; i < MaxCollections && client.Outstanding() != Outstanding.None; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        client.Outstanding().Should().Be(Outstanding.None);
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        logs.Of(5).Should().ContainSingle("whoever drops a stream is told");
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Client_disposed_while_a_read_is_pending(PerformanceMode mode, bool isStreaming)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.SilentAtByte(300));
        var client = TestClients.OpenAI(_provider, _time, mode);

        var pending = AskAsync(client, isStreaming);
        await client.DisposeAsync();

        await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Client_disposed_while_nobody_reads(PerformanceMode mode)
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        var client = TestClients.OpenAI(_provider, _time, mode);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        client.Dispose();
        client.Dispose();
        var read = async () => await updates.MoveNextAsync();
        var next = () => client.GetResponseAsync("hi");

        await read.Should().ThrowAsync<ObjectDisposedException>();
        await next.Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Enumerated_twice_is_two_calls(PerformanceMode mode)
    {
        _provider.ThenAnswer("first").ThenAnswer("second");
        await using var client = TestClients.OpenAI(_provider, _time, mode);
        var stream = client.GetStreamingResponseAsync("hi");

        var first = (await stream.ToListAsync()).ToHarborResponse();
        var second = (await stream.ToListAsync()).ToHarborResponse();

        first.Text.Should().Be("first");
        second.Text.Should().Be("second");
        first.Messages[0].MessageId.Should().NotBe(second.Messages[0].MessageId);
        _provider.Attempts.Should().HaveCount(2);
        await AssertNothingIsHeldAsync(client);
    }

    [Fact]
    public async Task A_stream_starts_nothing_before_it_is_enumerated()
    {
        await using var client = TestClients.Balanced(_provider, _time);

        _ = client.GetStreamingResponseAsync("hi");
        _ = client.StreamTextAsync("hi");

        _provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_second_read_while_one_is_pending_is_refused_and_harms_nothing()
    {
        _provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.Balanced(_provider, _time);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync();
        var second = () => updates.MoveNextAsync();
        second.Should().Throw<InvalidOperationException>();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await pending.Guarded()).Should().BeTrue();
        updates.Current.Should().Be("two");
        (await updates.MoveNextAsync()).Should().BeFalse();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [CombinatorialPhases]
    public async Task Failed(PerformanceMode mode, bool isStreaming, string phase)
    {
        _provider.ThenReply(phase switch
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
        await using var client = TestClients.OpenAI(_provider, _time, mode);

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
        await using var client = TestClients.OpenAI(_provider, _time, mode);

        var act = () => AskAsync(client, isStreaming, new ChatOptions { ConversationId = "kept-elsewhere" });

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        _provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_credential_that_cannot_be_had_holds_nothing(PerformanceMode mode, bool isStreaming)
    {
        var isOpen = false;
        await using var client = TestClients.OpenAI(_provider, _time, mode, options: openAI =>
            openAI.UseCredential(_ => isOpen ? ValueTask.FromResult("sk-later") : throw new InvalidOperationException("vault closed")));

        var act = () => AskAsync(client, isStreaming);

        (await act.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Authentication);
        isOpen = true;
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_keeps_the_body_open_after_the_end_marker_costs_100_ms_and_not_the_answer(PerformanceMode mode)
    {
        _provider.ThenAnswer("complete", reply => reply.SilentAtEnd());
        await using var client = TestClients.OpenAI(_provider, _time, mode);

        var pending = client.StreamTextAsync("hi").ToListAsync();
        await _time.TimerSet(TimeSpan.FromMilliseconds(100));
        var wasPending = !pending.IsCompleted;
        _time.Advance(TimeSpan.FromMilliseconds(100));

        (await pending.Guarded()).Should().Equal("complete");
        wasPending.Should().BeTrue();
        _provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadOneAndDrop(FastClient client)
    {
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        var read = updates.MoveNextAsync().AsTask();
        read.IsCompletedSuccessfully.Should().BeTrue("the emulator answers in memory");
    }

    private static async Task<string> AskAsync(FastClient client, bool isStreaming, ChatOptions? options = null, CancellationToken token = default)
    {
        if (!isStreaming) return (await client.GetResponseAsync("hi", options, token)).Text;
        return string.Concat(await client.StreamTextAsync("hi", options, token).ToListAsync());
    }

    private static async Task AssertNothingIsHeldAsync(FastClient client)
    {
        client.Outstanding().Should().Be(Outstanding.None);
        (await client.GetResponseAsync("still there?").Guarded()).Text.Should().Be("alive and well");
        string.Concat(await client.StreamTextAsync("and streaming?").ToListAsync().Guarded()).Should().Be("alive and well");
        client.Outstanding().Should().Be(Outstanding.None);
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
