using HarborClient.Testing;

namespace HarborClient.Tests.Pipeline;

// Attempts are children with everything of their own; the root sees the answer that was handed up.
public sealed class AttemptTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Two_attempts_read_in_turns_keep_text_usage_and_outcome_apart(PerformanceMode mode)
    {
        var first = new ProviderEmulator(_time).ThenAnswer(["a1 ", "a2 ", "a3 "], reply => reply.Usage(10, 3));
        var second = new ProviderEmulator(_time).ThenAnswer(["b1 ", "b2 ", "b3 ", "b4 "], reply => reply.Usage(20, 4));
        var ended = new Journal();
        await using var client = TestClients.Chain(_time, mode, builder => builder.AddStage(StageScope.Call, OpenBoth(ended)), first, second);

        var text = await client.StreamTextAsync("hi").ToListAsync();

        text.Should().Equal("a1 ", "b1 ", "a2 ", "b2 ", "a3 ", "b3 ", "b4 ");
        ended.Lines.Should().BeEquivalentTo("a/one Succeeded 10+3", "b/two Succeeded 20+4");
        first.Attempts.Should().ContainSingle().Which.Model.Should().Be("one");
        second.Attempts.Should().ContainSingle().Which.Model.Should().Be("two");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_plain_answer_joined_from_two_attempts_is_folded_as_it_was_handed_up()
    {
        var first = new ProviderEmulator(_time).ThenAnswer(["a1 ", "a2 "]);
        var second = new ProviderEmulator(_time).ThenAnswer(["b1 ", "b2 "]);
        await using var client = TestClients.Chain(_time, PerformanceMode.Full, builder => builder.AddStage(StageScope.Call, OpenBoth(new Journal())), first, second);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("a1 b1 a2 b2 ");
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Provider).Should().Equal("a", "b");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Of_two_attempts_the_one_whose_reader_is_returned_is_the_answer_and_the_loser_is_closed(PerformanceMode mode)
    {
        var loser = new ProviderEmulator(_time).ThenAnswer(["slow ", "answer"], reply => reply.Usage(10, 3).DelayBetweenUpdates(TimeSpan.FromSeconds(5)));
        var winner = new ProviderEmulator(_time).ThenAnswer(["quick ", "answer"], reply => reply.Usage(20, 4));
        var ended = new Journal();
        await using var client = TestClients.Chain(_time, mode, builder => builder.AddStage(StageScope.Call, async (next, call) =>
        {
            var slow = await OpenAsync(next, call, 0, ended);
            var quick = await OpenAsync(next, call, 1, ended);
            await slow.DisposeAsync();
            return quick;
        }), loser, winner);

        var answer = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();

        answer.Text.Should().Be("quick answer");
        answer.ModelId.Should().Be("two");
        answer.Usage!.OutputTokenCount.Should().Be(4);
        answer.GetHarborInfo().Provider.Should().Be("b");
        ended.Lines.Should().Equal("a/one Abandoned +", "b/two Succeeded 20+4");
        loser.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Leaving_a_stream_cancels_the_read_that_is_pending_on_any_of_its_attempts()
    {
        var first = new ProviderEmulator(_time).ThenAnswer(["a1 ", "a2 "], reply => reply.SilentAfterUpdates(1));
        var second = new ProviderEmulator(_time).ThenAnswer(["b1 ", "b2 "], reply => reply.SilentAfterUpdates(1));
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, builder => builder.AddStage(StageScope.Call, OpenBoth(new Journal())), first, second);
        var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync().AsTask();
        await updates.DisposeAsync();

        await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_restart_after_40_updates_that_repeats_the_text_is_invisible(PerformanceMode mode)
    {
        string[] pieces = [.. Enumerable.Range(0, 60).Select(i => $"piece {i} ")];
        var broken = new ProviderEmulator(_time).ThenAnswer(pieces, reply => reply.CutAfterUpdates(40).Usage(1, 1));
        var whole = new ProviderEmulator(_time).ThenAnswer([string.Concat(pieces[..33]) + "pie", "ce 33 " + string.Concat(pieces[34..])], reply => reply.Usage(7, 60));
        var observer = new RecordingObserver();
        await using var client = TestClients.Chain(_time, mode, builder => builder.AddStage(StageScope.Call, Observed(observer)), broken, whole);

        var updates = await client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        string.Concat(updates.Select(update => update.Text)).Should().Be(string.Concat(pieces));
        updates.Should().NotContain(update => update.IsRestart());
        updates.Select(update => update.MessageId).Where(id => id is not null).Distinct().Should().ContainSingle();
        var answer = updates.ToHarborResponse();
        answer.Usage!.OutputTokenCount.Should().Be(60);
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
        answer.GetHarborInfo().Attempts.Select(attempt => attempt.Error).Should().Equal(ErrorKind.Interrupted, null);
        observer.Text.Should().Be(string.Concat(pieces));
        observer.Restarts.Should().Be(0);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_restart_after_40_updates_with_another_text_tells_the_caller_to_discard(PerformanceMode mode)
    {
        string[] pieces = [.. Enumerable.Range(0, 60).Select(i => $"piece {i} ")];
        var broken = new ProviderEmulator(_time).ThenAnswer(pieces, reply => reply.CutAfterUpdates(40).Usage(1, 1));
        var other = new ProviderEmulator(_time).ThenAnswer(["piece 0 ", "piece 1 ", "something ", "else"], reply => reply.Usage(7, 4));
        var observer = new RecordingObserver();
        await using var client = TestClients.Chain(_time, mode, builder => builder.AddStage(StageScope.Call, Observed(observer)), broken, other);

        var updates = await client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        var restart = updates.FindIndex(update => update.IsRestart());
        restart.Should().Be(40);
        string.Concat(updates[..restart].Select(update => update.Text)).Should().Be(string.Concat(pieces[..40]));
        string.Concat(updates[restart..].Select(update => update.Text)).Should().Be("piece 0 piece 1 something else");
        updates[restart].MessageId.Should().NotBeNull().And.NotBe(updates[0].MessageId);
        updates[restart + 1].MessageId.Should().Be(updates[restart].MessageId);
        var answer = updates.ToHarborResponse();
        answer.Text.Should().Be("piece 0 piece 1 something else");
        answer.Messages.Should().ContainSingle();
        answer.Usage!.OutputTokenCount.Should().Be(4);
        answer.ModelId.Should().Be("two");
        observer.Text.Should().Be("piece 0 piece 1 something else");
        observer.Restarts.Should().Be(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_answer_that_is_shorter_than_what_was_shown_restarts_visibly()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three ", "four"], reply => reply.CutAfterUpdates(3));
        var shorter = new ProviderEmulator(_time).ThenAnswer(["one ", "two "]);
        await using var client = TestClients.Chain(_time, broken, shorter);

        var updates = await client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        updates.Should().ContainSingle(update => update.IsRestart());
        updates.ToHarborResponse().Text.Should().Be("one two ");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Two_restarts_in_a_row_still_join_without_a_seam()
    {
        string[] pieces = ["one ", "two ", "three ", "four ", "five"];
        var first = new ProviderEmulator(_time).ThenAnswer(pieces, reply => reply.CutAfterUpdates(3));
        var second = new ProviderEmulator(_time).ThenAnswer(pieces, reply => reply.ResetAfterUpdates(2));
        var third = new ProviderEmulator(_time).ThenAnswer(pieces);
        await using var client = TestClients.Chain(_time, first, second, third);

        var text = await client.StreamTextAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        string.Concat(text).Should().Be("one two three four five");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_seam_that_would_show_ends_a_text_stream_as_interrupted(PerformanceMode mode)
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"], reply => reply.CutAfterUpdates(2));
        var other = new ProviderEmulator(_time).ThenAnswer(["else"]);
        await using var client = TestClients.Chain(_time, mode, null, broken, other);
        List<string> shown = [];

        var act = async () =>
        {
            await foreach (var piece in client.StreamTextAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart })) shown.Add(piece);
        };

        (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial.Text.Should().Be("one two ");
        shown.Should().Equal("one ", "two ");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_plain_call_in_Full_mode_restarts_unseen()
    {
        string[] pieces = [.. Enumerable.Range(0, 60).Select(i => $"piece {i} ")];
        var broken = new ProviderEmulator(_time).ThenAnswer(pieces, reply => reply.CutAfterUpdates(40).Usage(1, 1));
        var other = new ProviderEmulator(_time).ThenAnswer(["something ", "else"], reply => reply.Usage(7, 2));
        var observer = new RecordingObserver();
        await using var client = TestClients.Chain(_time, PerformanceMode.Full, builder => builder.AddStage(StageScope.Call, Observed(observer)), broken, other);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("something else");
        answer.Usage!.InputTokenCount.Should().Be(7);
        answer.GetHarborInfo().Provider.Should().Be("b");
        answer.GetHarborInfo().Attempts.Should().HaveCount(2);
        observer.Text.Should().Be("something else");
        observer.Restarts.Should().Be(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Without_another_target_a_cut_answer_is_interrupted_and_carries_what_had_arrived()
    {
        var broken = new ProviderEmulator(_time).ThenReply(new EmulatedReply()
            .Reasoning("think").Pieces("one ", "two").ToolCall("call_1", "weather", "{\"city\":", "\"Paris\"}").CutAfterUpdates(5));
        await using var client = TestClients.Chain(_time, broken);

        var act = () => client.GetStreamingResponseAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        var partial = (await act.Should().ThrowAsync<StreamInterruptedException>()).Which.Partial;
        partial.Text.Should().Be("one two");
        partial.Messages[0].Contents.OfType<TextReasoningContent>().Should().ContainSingle().Which.Text.Should().Be("think");
        var call = partial.Messages[0].Contents.OfType<FunctionCallContent>().Should().ContainSingle().Subject;
        call.Name.Should().Be("weather");
        call.InformationalOnly.Should().BeTrue();
        call.RawRepresentation.Should().Be("{\"city\":");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_completion_that_throws_is_logged_once_and_the_others_still_run(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("fine").ThenAnswer("fine again");
        var journal = new Journal();
        using var logs = new RecordedLogs();
        await using var client = TestClients.OpenAI(provider, _time, mode, builder => builder.UseLoggerFactory(logs).AddStage(StageScope.Call, (next, call) =>
        {
            call.OnCompleted(new DelegateCompletion((_, _) => journal.Add("first")));
            call.OnCompleted(new DelegateCompletion((_, _) => throw new InvalidOperationException("broken completion")));
            call.OnCompleted(new DelegateCompletion((_, _) => journal.Add("last")));
            return next.OpenAsync(call);
        }).AddStage(StageScope.Attempt, (next, call) =>
        {
            call.OnCompleted(new DelegateCompletion((_, _) => journal.Add("attempt")));
            return next.OpenAsync(call);
        }));

        var streamed = await client.StreamTextAsync("hi").ToListAsync();
        var plain = await client.GetResponseAsync("hi");

        string.Concat(streamed).Should().Be("fine");
        plain.Text.Should().Be("fine again");
        journal.Lines.Should().Equal("attempt", "last", "first", "attempt", "last", "first");
        logs.Of(4).Should().HaveCount(2, "each call has one faulty completion").And.OnlyContain(entry => entry.Exception!.Message == "broken completion");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Completions_run_last_in_first_out()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("fine");
        var journal = new Journal();
        await using var client = TestClients.OpenAI(provider, _time, configure: builder => builder.AddStage(StageScope.Attempt, (next, call) =>
        {
            for (var i = 1; i <= 4; i++)
            {
                var number = i;
                call.OnCompleted(new DelegateCompletion((_, _) => journal.Add($"{number}")));
            }

            return next.OpenAsync(call);
        }));

        await client.GetResponseAsync("hi");

        journal.Lines.Should().Equal("4", "3", "2", "1");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_completions_of_an_attempt_run_before_the_next_attempt_begins(PerformanceMode mode)
    {
        var failing = new ProviderEmulator(_time).Then(503);
        var healthy = new ProviderEmulator(_time).ThenAnswer("fine", reply => reply.Usage(5, 1));
        var journal = new Journal();
        await using var client = TestClients.Chain(_time, mode, builder => builder
            .AddStage(StageScope.Call, (next, call) =>
            {
                call.OnCompleted(new DelegateCompletion((ended, outcome) => journal.Add($"call {outcome.Status} {ended.Usage?.InputTokenCount}")));
                return next.OpenAsync(call);
            })
            .AddStage(StageScope.Attempt, (next, call) =>
            {
                journal.Add($"begin {call.Target}");
                call.OnCompleted(new DelegateCompletion((ended, outcome) => journal.Add($"end {ended.Target} {outcome.Status} {(outcome.Error as HarborException)?.Kind}")));
                return next.OpenAsync(call);
            }), failing, healthy);

        await client.GetResponseAsync("hi");

        journal.Lines.Should().Equal("begin a/one", "end a/one Failed Overloaded", "begin b/two", "end b/two Succeeded ", "call Succeeded 5");
    }

    [Theory]
    [InlineData(StageScope.Call)]
    [InlineData(StageScope.Attempt)]
    public async Task An_observer_that_stops_a_stream_ends_it_with_its_own_exception(StageScope scope)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two ", "three"], reply => reply.SilentAfterUpdates(2));
        var stop = new InvalidOperationException("enough");
        await using var client = TestClients.OpenAI(provider, _time, configure: builder =>
            builder.AddStage(scope, Observed(new RecordingObserver(text => text.Contains("two", StringComparison.Ordinal) ? stop : null))));
        List<string> shown = [];

        var act = async () =>
        {
            await foreach (var piece in client.StreamTextAsync("hi")) shown.Add(piece);
        };

        (await act.Should().ThrowAsync<InvalidOperationException>()).Which.Should().BeSameAs(stop);
        shown.Should().Equal("one ");
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task An_observer_that_stops_a_plain_call_ends_it_with_its_own_exception(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("one two three");
        var stop = new InvalidOperationException("enough");
        await using var client = TestClients.OpenAI(provider, _time, mode, builder => builder.AddStage(StageScope.Attempt, Observed(new RecordingObserver(_ => stop))));

        var act = () => client.GetResponseAsync("hi");

        (await act.Should().ThrowAsync<InvalidOperationException>()).Which.Should().BeSameAs(stop);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_observer_of_an_attempt_sees_only_that_attempt()
    {
        var broken = new ProviderEmulator(_time).ThenAnswer(["one ", "two "], reply => reply.CutAfterUpdates(1));
        var whole = new ProviderEmulator(_time).ThenAnswer(["one ", "more"]);
        Dictionary<string, RecordingObserver> observers = [];
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, builder => builder.AddStage(StageScope.Attempt, (next, call) =>
        {
            call.Observe(observers[call.Target!.Name] = new RecordingObserver());
            return next.OpenAsync(call);
        }), broken, whole);

        await client.StreamTextAsync("hi", new HarborChatOptions { MidStream = MidStreamPolicy.Restart }).ToListAsync();

        observers["a/one"].Text.Should().Be("one ");
        observers["b/two"].Text.Should().Be("one more");
        observers.Values.Should().OnlyContain(observer => observer.Restarts == 0);
    }

    [Fact]
    public async Task A_completion_registered_after_the_end_is_refused()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("fine");
        Call? kept = null;
        await using var client = TestClients.OpenAI(provider, _time, configure: builder => builder.AddStage(StageScope.Call, (next, call) => next.OpenAsync(kept = call)));
        await client.GetResponseAsync("hi");

        var act = () => kept!.OnCompleted(new DelegateCompletion((_, _) => { }));

        act.Should().Throw<InvalidOperationException>();
        kept!.HasEnded.Should().BeTrue();
    }

    private static Func<PipelineStage, Call, ValueTask<UpdateReader>> Observed(IUpdateObserver observer) => (next, call) =>
    {
        call.Observe(observer);
        return next.OpenAsync(call);
    };

    private static Func<PipelineStage, Call, ValueTask<UpdateReader>> OpenBoth(Journal ended) => async (next, call) =>
    {
        var first = await OpenAsync(next, call, 0, ended).ConfigureAwait(false);
        var second = await OpenAsync(next, call, 1, ended).ConfigureAwait(false);
        return new AlternatingReader(first, second);
    };

    private static ValueTask<UpdateReader> OpenAsync(PipelineStage next, Call call, int target, Journal ended)
    {
        var attempt = call.BeginAttempt(call.Targets[target]);
        attempt.OnCompleted(new DelegateCompletion((child, outcome) =>
            ended.Add($"{child.Target} {outcome.Status} {child.Usage?.InputTokenCount}+{child.Usage?.OutputTokenCount}")));
        return next.OpenAsync(attempt);
    }
}
