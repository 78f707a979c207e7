using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// What is asked before somebody needs it.
public sealed class WarmUpTests
{
    private readonly ManualTimeProvider _time = new();

    private static CacheRequest Own(string key, Func<CancellationToken, ValueTask<string>> function, TimeSpan? ttl = null) => CacheRequest.Value(key, function, OwnJson.Default.String, ttl);

    [Fact]
    public async Task What_was_warmed_up_is_found_by_who_asks()
    {
        int asked = 0;
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {Interlocked.Increment(ref asked)}"));
        await using FastClient client = TestClients.OpenAI(provider, _time);
        var options = new HarborChatOptions { Temperature = 1, Instructions = "Be brief." };

        CacheWarmResult result = await client.Cache.WarmAsync([CacheRequest.Chat("hi", options), Own("key", OwnFunction.Counting())]);
        ChatResponse answer = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 1, Instructions = "Be brief.", Cache = CachePolicy.Always });
        string value = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<string>("made again"), OwnJson.Default.String);

        (result.Done, result.Failures.Count).Should().Be((2, 0));
        (answer.Text, answer.GetHarborInfo().CacheLevel).Should().Be(("answer 1", CacheLevel.Memory));
        value.Should().Be("value 1");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_is_kept_already_is_not_asked_again_unless_the_options_say_so()
    {
        int asked = 0;
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {Interlocked.Increment(ref asked)}"));
        await using FastClient client = TestClients.OpenAI(provider, _time);
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting();
        CacheRequest[] requests = [CacheRequest.Chat("hi"), Own("key", function)];
        await client.Cache.WarmAsync(requests);

        await client.Cache.WarmAsync(requests);
        int afterSecond = asked;
        await client.Cache.WarmAsync([CacheRequest.Chat("hi", new HarborChatOptions { Cache = CachePolicy.Refresh })]);
        await client.Cache.WarmAsync([CacheRequest.Chat("hi", new ChatOptions { AdditionalProperties = new() { ["harbor.cache"] = "refresh" } })]);

        afterSecond.Should().Be(1);
        asked.Should().Be(3);
        (await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String)).Should().Be("value 1");
        (await client.GetResponseAsync("hi", new HarborChatOptions { Cache = CachePolicy.Only })).Text.Should().Be("answer 3");
    }

    [Fact]
    public async Task One_that_fails_does_not_stop_the_others_and_the_result_says_which_and_why()
    {
        var provider = new ProviderEmulator(_time).Then(400).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.OpenAI(provider, _time);
        CacheRequest[] requests =
        [
            CacheRequest.Chat("wrong", name: "the wrong one"),
            Own("mine", _ => throw new InvalidOperationException("mine")),
            CacheRequest.Chat("hi"),
            Own("key", OwnFunction.Counting()),
        ];
        var progress = new List<CacheWarmProgress>();

        CacheWarmResult result = await client.Cache.WarmAsync(requests, new Told(progress.Add), maxConcurrency: 1);

        result.Done.Should().Be(2);
        result.Failures.Select(failure => (failure.Request, failure.Request.Name)).Should().Equal((requests[0], "the wrong one"), (requests[1], "mine"));
        result.Failures[0].Error.Should().BeOfType<HarborException>().Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        result.Failures[1].Error.Message.Should().Be("mine");
        progress.Should().Equal(new CacheWarmProgress(0, 1, 4), new CacheWarmProgress(0, 2, 4), new CacheWarmProgress(1, 2, 4), new CacheWarmProgress(2, 2, 4));
    }

    [Fact]
    public async Task Chats_wait_behind_all_others_unless_their_options_say_otherwise()
    {
        var seen = new List<CallPriority>();
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.AddStage(StageScope.Call, next => new Watching(next, call => seen.Add(call.Settings.Priority))));

        await client.Cache.WarmAsync(
            [
                CacheRequest.Chat("a"),
                CacheRequest.Chat("b", new HarborChatOptions { Priority = CallPriority.Interactive }),
                CacheRequest.Chat("c", new ChatOptions { AdditionalProperties = new() { ["harbor.priority"] = "batch" } }),
            ],
            maxConcurrency: 1);

        seen.Should().Equal(CallPriority.Background, CallPriority.Interactive, CallPriority.Batch);
    }

    [Fact]
    public async Task No_more_are_asked_at_once_than_it_may()
    {
        await using FastClient client = OwnClients.Create(_time);
        int running = 0, most = 0;
        async ValueTask<string> FunctionAsync(CancellationToken token)
        {
            int now = Interlocked.Increment(ref running);
            for (int seen = most; now > seen; seen = most) Interlocked.CompareExchange(ref most, now, seen);
            for (int i = 0; i < 10; i++) await Task.Yield();
            Interlocked.Decrement(ref running);
            return "fine";
        }

        CacheWarmResult result = await client.Cache.WarmAsync(Enumerable.Range(0, 100).Select(i => Own($"key {i}", FunctionAsync)), maxConcurrency: 3);

        result.Done.Should().Be(100);
        most.Should().BeInRange(1, 3);
    }

    [Fact]
    public async Task It_stops_when_its_caller_cancels_and_what_is_there_stays()
    {
        await using FastClient client = OwnClients.Create(_time);
        using var source = new CancellationTokenSource();
        var held = new OwnFunction();
        Task<CacheWarmResult> warming = client.Cache.WarmAsync([Own("first", OwnFunction.Counting()), Own("held", held.RunAsync), Own("never", _ => throw new InvalidOperationException())], maxConcurrency: 1, cancellationToken: source.Token);
        await held.Started;

        await source.CancelAsync();

        (await FluentActions.Awaiting(() => warming.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        held.Token.IsCancellationRequested.Should().BeTrue();
        (await client.Cache.GetOrCreateAsync("first", _ => new ValueTask<string>("made again"), OwnJson.Default.String)).Should().Be("value 1");
    }

    [Fact]
    public async Task It_ends_with_the_client()
    {
        FastClient client = OwnClients.Create(_time);
        var held = new OwnFunction();
        Task<CacheWarmResult> warming = client.Cache.WarmAsync([Own("held", held.RunAsync)]);
        await held.Started;

        await client.DisposeAsync();

        await FluentActions.Awaiting(() => warming.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        await client.Awaiting(c => c.Cache.WarmAsync([])).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_chat_that_would_not_be_kept_counts_as_failed()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.NeverStoreFrom = DataClass.Confidential));

        CacheWarmResult result = await client.Cache.WarmAsync(
            [CacheRequest.Chat("hi", new HarborChatOptions { Mode = PerformanceMode.Fast }), CacheRequest.Chat("hi", new HarborChatOptions { DataClass = DataClass.Restricted })],
            maxConcurrency: 1);

        result.Done.Should().Be(0);
        result.Failures[0].Error.Message.Should().Contain("mode Fast").And.Contain("nothing was asked");
        result.Failures[1].Error.Message.Should().Contain("never kept").And.Contain("NeverStoreFrom");
        provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task Options_that_are_changed_later_do_not_change_the_request()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.OpenAI(provider, _time);
        var options = new HarborChatOptions { Temperature = 0 };
        CacheRequest request = CacheRequest.Chat("hi", options);
        options.Temperature = 1;

        await client.Cache.WarmAsync([request]);

        (await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Only })).Text.Should().Be("fine");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public async Task A_concurrency_out_of_bounds_is_refused(int maxConcurrency)
    {
        await using FastClient client = OwnClients.Create(_time);

        (await client.Cache.Awaiting(c => c.WarmAsync([], maxConcurrency: maxConcurrency)).Should().ThrowAsync<HarborException>()).WithMessage("*1 to 1,000*");
    }

    private sealed class Told(Action<CacheWarmProgress> tell) : IProgress<CacheWarmProgress>
    {
        public void Report(CacheWarmProgress value) => tell(value);
    }

    private sealed class Watching(PipelineStage next, Action<Call> see) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            see(call);
            return Next.OpenAsync(call);
        }
    }
}
