using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Calls that ask the same at the same time share one request.
public sealed class CoalescingTests
{
    private static readonly string[] Words = [.. Enumerable.Range(0, 40).Select(i => $"word{i} ")];
    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0 };

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode, bool> Ways => new()
    {
        { PerformanceMode.Balanced, false }, { PerformanceMode.Balanced, true }, { PerformanceMode.Full, false }, { PerformanceMode.Full, true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_thousand_who_ask_the_same_cause_one_request(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBeforeHeaders(TimeSpan.FromSeconds(1)).DelayBetweenUpdates(TimeSpan.FromMilliseconds(10)));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);

        Task<string>[] asking = [.. Enumerable.Range(0, 1000).Select(_ => AskAsync(client, isStreaming, Deterministic))];
        await DriveAsync(Task.WhenAll(asking));

        asking.Select(asked => asked.Result).Should().AllBe(string.Concat(Words));
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
        client.Cache.Statistics.Coalesced.Should().Be(999);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_one_who_opened_it_is_charged_and_the_others_are_not(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);

        Task<ChatResponse>[] asking = [.. Enumerable.Range(0, 5).Select(_ => RespondAsync(client, isStreaming, Deterministic))];
        await DriveAsync(Task.WhenAll(asking));

        asking.Count(asked => asked.Result.Usage!.TotalTokenCount > 0).Should().Be(1);
        asking.Select(asked => asked.Result.GetHarborInfo().Provider).Should().AllBe("openai");
        asking.Select(asked => asked.Result.GetHarborInfo().Attempts.Count).Should().AllBeEquivalentTo(1);
        asking.Select(asked => asked.Result.Messages[0].MessageId).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task One_who_comes_late_gets_what_has_arrived_and_follows()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.Balanced(provider, _time);
        await using IAsyncEnumerator<string> first = client.StreamTextAsync("hi", Deterministic).GetAsyncEnumerator();
        string had = "";
        for (int i = 0; i < 10; i++)
        {
            ValueTask<bool> moving = first.MoveNextAsync();
            await DriveAsync(moving.AsTask());
            had += first.Current;
        }

        await using IAsyncEnumerator<string> late = client.StreamTextAsync("hi", Deterministic).GetAsyncEnumerator();
        string lateHad = "";
        while (lateHad.Length < had.Length)
        {
            ValueTask<bool> moving = late.MoveNextAsync();
            moving.IsCompleted.Should().BeTrue("what has arrived is there at once");
            (await moving).Should().BeTrue();
            lateHad += late.Current;
        }

        lateHad.Should().Be(had);
        Task<string> rest = RestAsync(first);
        Task<string> lateRest = RestAsync(late);
        await DriveAsync(Task.WhenAll(rest, lateRest));
        (had + await rest).Should().Be(string.Concat(Words));
        (lateHad + await lateRest).Should().Be(string.Concat(Words));
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_caller_who_does_not_read_holds_up_nobody()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.Balanced(provider, _time);
        await using IAsyncEnumerator<string> slow = client.StreamTextAsync("hi", Deterministic).GetAsyncEnumerator();
        await DriveAsync(slow.MoveNextAsync().AsTask());
        string had = slow.Current;

        string other = await DriveAsync(AskAsync(client, isStreaming: true, Deterministic));
        string whole = had + await RestAsync(slow);

        other.Should().Be(string.Concat(Words));
        whole.Should().Be(string.Concat(Words));
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_who_cancels_does_not_touch_the_others(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);
        using var leaving = new CancellationTokenSource();

        Task<string> opener = AskAsync(client, isStreaming, Deterministic, leaving.Token);
        Task<string> joiner = AskAsync(client, isStreaming, Deterministic);
        await leaving.CancelAsync();
        OperationCanceledException cancelled = (await opener.Awaiting(asked => asked).Should().ThrowAsync<OperationCanceledException>()).Which;
        string answer = await DriveAsync(joiner);

        cancelled.CancellationToken.Should().Be(leaving.Token);
        answer.Should().Be(string.Concat(Words));
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_last_one_out_cancels(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer()).ThenAnswer("anew");
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);
        using var leaving = new CancellationTokenSource();
        using var leavingLater = new CancellationTokenSource();

        Task<string> opener = AskAsync(client, isStreaming, Deterministic, leaving.Token);
        Task<string> joiner = AskAsync(client, isStreaming, Deterministic, leavingLater.Token);
        await leaving.CancelAsync();
        await opener.Awaiting(asked => asked).Should().ThrowAsync<OperationCanceledException>();
        provider.InFlight.Should().Be(1);
        await leavingLater.CancelAsync();
        await joiner.Awaiting(asked => asked).Should().ThrowAsync<OperationCanceledException>();

        provider.InFlight.Should().Be(0);
        client.Outstanding().Should().Be(Outstanding.None);
        (await AskAsync(client, isStreaming, Deterministic)).Should().Be("anew");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Each_has_its_own_clock(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBeforeHeaders(TimeSpan.FromSeconds(20)));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);

        Task<string> hasty = AskAsync(client, isStreaming, new HarborChatOptions { Temperature = 0, TotalTimeout = TimeSpan.FromSeconds(5) });
        Task<string> patient = AskAsync(client, isStreaming, new HarborChatOptions { Temperature = 0, TotalTimeout = TimeSpan.FromSeconds(60) });
        Task<string> hastyToo = AskAsync(client, isStreaming, new HarborChatOptions { Temperature = 0, TotalTimeout = TimeSpan.FromSeconds(8) });
        string answer = await DriveAsync(patient);

        (await hasty.Awaiting(asked => asked).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        (await hastyToo.Awaiting(asked => asked).Should().ThrowAsync<HarborTimeoutException>()).Which.Message.Should().Contain("8");
        answer.Should().Be(string.Concat(Words));
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_error_goes_to_those_present_and_a_later_caller_starts_anew(PerformanceMode mode, bool isStreaming)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(400).DelayBeforeHeaders(TimeSpan.FromSeconds(1))).ThenAnswer("anew");
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);

        Task<string>[] asking = [.. Enumerable.Range(0, 10).Select(_ => AskAsync(client, isStreaming, Deterministic))];
        await DriveAsync(Task.WhenAll(asking.Select(asked => asked.ContinueWith(_ => { }, TaskScheduler.Default))));

        Exception[] errors = [.. asking.Select(asked => asked.Exception!.InnerException!)];
        errors.Should().AllBeOfType<HarborException>().And.OnlyHaveUniqueItems();
        errors.Cast<HarborException>().Should().OnlyContain(error => error.Kind == ErrorKind.InvalidRequest && error.Attempts.Count == 1);
        (await AskAsync(client, isStreaming, Deterministic)).Should().Be("anew");
        provider.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_stream_that_breaks_breaks_for_all_with_what_each_had()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(Words).DelayBetweenUpdates(TimeSpan.FromSeconds(1)).CutAfterUpdates(20));
        await using FastClient client = TestClients.Balanced(provider, _time);

        Task<string>[] asking = [.. Enumerable.Range(0, 3).Select(_ => AskAsync(client, isStreaming: true, Deterministic))];
        await DriveAsync(Task.WhenAll(asking.Select(asked => asked.ContinueWith(_ => { }, TaskScheduler.Default))));

        foreach (Task<string> asked in asking)
        {
            asked.Exception!.InnerException.Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be(string.Concat(Words[..20]));
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_leaves_a_stream_early_does_not_touch_the_others()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words).DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.Balanced(provider, _time);

        Task leaver = Task.Run(async () =>
        {
            await foreach (string piece in client.StreamTextAsync("hi", Deterministic)) break;
        });
        Task<string> stayer = AskAsync(client, isStreaming: true, Deterministic);
        await DriveAsync(Task.WhenAll(leaver, stayer));

        (await stayer).Should().Be(string.Concat(Words));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_leaves_at_the_moment_it_begins_to_read_for_all_is_let_go_at_once()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(Words));
        using var leaving = new CancellationTokenSource();
        var host = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FastClient client = TestClients.OpenAI(
            provider, _time, PerformanceMode.Balanced, b => b.AddStage(StageScope.Attempt, next => new StallingStage(next, leaving, host.Task)));
        await using IAsyncEnumerator<string> opener = client.StreamTextAsync("hi", Deterministic, leaving.Token).GetAsyncEnumerator();
        (await opener.MoveNextAsync()).Should().BeTrue();
        await using IAsyncEnumerator<string> joiner = client.StreamTextAsync("hi", Deterministic).GetAsyncEnumerator();
        (await joiner.MoveNextAsync()).Should().BeTrue();
        string had = joiner.Current;

        await opener.Awaiting(stream => stream.MoveNextAsync().AsTask().Guarded()).Should().ThrowAsync<OperationCanceledException>("the host is silent, and others read on");
        host.SetResult();
        string whole = had + await RestAsync(joiner).Guarded();

        whole.Should().Be(string.Concat(Words));
        await opener.DisposeAsync();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Different_questions_do_not_share()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.Balanced(provider, _time);

        await DriveAsync(Task.WhenAll(
            AskAsync(client, false, Deterministic),
            AskAsync(client, false, new HarborChatOptions { Temperature = 0, Tenant = "other" }),
            AskAsync(client, false, new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Bypass }),
            AskAsync(client, false, new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Refresh }),
            AskAsync(client, false, new HarborChatOptions { Temperature = 1 })));

        provider.Attempts.Should().HaveCount(5);
    }

    [Fact]
    public async Task Disposing_the_client_ends_all_who_wait()
    {
        var provider = new ProviderEmulator(_time).Otherwise(new EmulatedReply().NeverAnswer());
        FastClient client = TestClients.Balanced(provider, _time);
        Task<string>[] asking = [.. Enumerable.Range(0, 10).Select(i => AskAsync(client, i % 2 == 0, Deterministic))];

        await client.DisposeAsync();

        foreach (Task<string> asked in asking) await asked.Awaiting(task => task.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<string> AskAsync(FastClient client, bool isStreaming, ChatOptions options, CancellationToken token = default) =>
        isStreaming ? string.Concat(await client.StreamTextAsync("hi", options, token).ToListAsync()) : (await client.GetResponseAsync("hi", options, token)).Text;

    private static async Task<ChatResponse> RespondAsync(FastClient client, bool isStreaming, ChatOptions options) =>
        isStreaming ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToChatResponse() : await client.GetResponseAsync("hi", options);

    private static async Task<string> RestAsync(IAsyncEnumerator<string> stream)
    {
        string rest = "";
        while (await stream.MoveNextAsync()) rest += stream.Current;
        return rest;
    }

    private async Task<T> DriveAsync<T>(Task<T> task)
    {
        await DriveAsync((Task)task);
        return await task;
    }

    private Task DriveAsync(Task task) => _time.AdvanceUntil(task);

    // Its second update of text is asked for by a caller who leaves at that moment, and comes when the host speaks again.
    private sealed class StallingStage(PipelineStage next, CancellationTokenSource leaving, Task host) : PipelineStage(next)
    {
        public override async ValueTask<UpdateReader> OpenAsync(Call call) => new Stalling(await Next.OpenAsync(call), leaving, host);

        private sealed class Stalling(UpdateReader inner, CancellationTokenSource leaving, Task host) : UpdateReader
        {
            private bool _hasText;
            private bool _hasStalled;

            public override ref readonly HarborUpdate Current => ref inner.Current;

            public override async ValueTask<bool> ReadAsync()
            {
                if (_hasText && !_hasStalled)
                {
                    _hasStalled = true;
#pragma warning disable CA1849, MA0042 // On this thread, inside the read that begins.
                    leaving.Cancel();
#pragma warning restore CA1849, MA0042
                    await host;
                }

                bool hasMore = await inner.ReadAsync();
                _hasText |= hasMore && inner.Current.Kind == HarborUpdateKind.Text;
                return hasMore;
            }

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
