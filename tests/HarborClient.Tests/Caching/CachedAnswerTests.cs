using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// What a caller sees of an answer that was kept.
public sealed class CachedAnswerTests
{
    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0 };

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public CachedAnswerTests() => _provider = new ProviderEmulator(_time).ThenAnswer("first").ThenAnswer("second").ThenAnswer("third");

    public static TheoryData<PerformanceMode> ModesWithCache => [PerformanceMode.Balanced, PerformanceMode.Full];

    [Theory]
    [MemberData(nameof(ModesWithCache))]
    public async Task The_same_question_is_asked_once(PerformanceMode mode)
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, mode);

        ChatResponse first = await client.GetResponseAsync("hi", Deterministic);
        ChatResponse second = await client.GetResponseAsync("hi", Deterministic);

        first.Text.Should().Be("first");
        second.Text.Should().Be("first");
        _provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_hit_says_where_it_comes_from_and_what_it_saved()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        ChatResponse first = await client.GetResponseAsync("hi", Deterministic);

        ChatResponse second = await client.GetResponseAsync("hi", Deterministic);

        HarborCallInfo info = second.GetHarborInfo();
        info.CacheLevel.Should().Be(CacheLevel.Memory);
        info.Provider.Should().Be("openai");
        info.Model.Should().Be("gpt-4o-mini");
        info.Attempts.Should().BeEmpty();
        info.FinishReason.Should().Be("stop");
        info.IsStale.Should().BeFalse();
        info.Saved!.InputTokenCount.Should().Be(first.Usage!.InputTokenCount);
        info.Saved.OutputTokenCount.Should().Be(first.Usage.OutputTokenCount);
        second.Usage!.TotalTokenCount.Should().Be(0);
        second.Usage.InputTokenCount.Should().Be(0);
        second.FinishReason.Should().Be(ChatFinishReason.Stop);
        second.ModelId.Should().Be(first.ModelId);
        second.CreatedAt.Should().Be(first.CreatedAt);
        first.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
        first.GetHarborInfo().Saved.Should().BeNull();
    }

    [Fact]
    public async Task A_replay_has_ids_of_its_own_and_no_conversation()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        ChatResponse first = await client.GetResponseAsync("hi", Deterministic);

        ChatResponse second = await client.GetResponseAsync("hi", Deterministic);
        ChatResponse third = await client.GetResponseAsync("hi", Deterministic);

        string?[] ids = [first.ResponseId, second.ResponseId, third.ResponseId, first.Messages[0].MessageId, second.Messages[0].MessageId, third.Messages[0].MessageId];
        ids.Where(id => id is not null).Distinct().Should().HaveCountGreaterThanOrEqualTo(4);
        second.ResponseId.Should().NotBe(first.ResponseId).And.NotBe(third.ResponseId);
        second.ConversationId.Should().BeNull();
        second.Messages.Should().NotBeSameAs(third.Messages);
        second.Messages[0].Contents[0].Should().NotBeSameAs(third.Messages[0].Contents[0]);
    }

    [Fact]
    public async Task What_was_streamed_serves_a_plain_call_and_the_other_way_round()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        string streamed = string.Concat(await client.StreamTextAsync("hi", Deterministic).ToListAsync());
        ChatResponse plain = await client.GetResponseAsync("hi", Deterministic);
        ChatResponse updates = (await client.GetStreamingResponseAsync("hi", Deterministic).ToListAsync()).ToChatResponse();
        HarborTextStream text = client.StreamTextAsync("hi", Deterministic);
        string again = string.Concat(await text.ToListAsync());

        streamed.Should().Be("first");
        plain.Text.Should().Be("first");
        updates.Text.Should().Be("first");
        again.Should().Be("first");
        _provider.Attempts.Should().HaveCount(1);
        updates.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        updates.GetHarborInfo().Saved!.OutputTokenCount.Should().BePositive();
        updates.Usage!.TotalTokenCount.Should().Be(0);
        updates.FinishReason.Should().Be(ChatFinishReason.Stop);
        text.Info!.CacheLevel.Should().Be(CacheLevel.Memory);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_paced_replay_comes_in_pieces_in_its_time()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("ten letters and some more");
        await using FastClient client = TestClients.OpenAI(provider, _time, PerformanceMode.Balanced, b => b.UseCache(c => c.ReplayCharactersPerSecond = 100));
        await client.GetResponseAsync("hi", Deterministic);
        long start = _time.GetTimestamp();

        Task<List<string>> replay = client.StreamTextAsync("hi", Deterministic).ToListAsync();
        for (int i = 0; i < 4; i++)
        {
            await _time.TimerSet(TimeSpan.FromMilliseconds(50)).Guarded();
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        List<string> pieces = await replay.Guarded();
        pieces.Should().Equal("ten l", "etter", "s and", " some", " more");
        _time.GetElapsedTime(start).Should().Be(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task An_alias_finds_the_answer_of_whichever_target_gave_it()
    {
        var dead = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        await using FastClient client = TestClients.Chain(_time, dead, _provider);
        ChatResponse first = await client.GetResponseAsync("hi", Deterministic);

        ChatResponse second = await client.GetResponseAsync("hi", Deterministic);
        ChatResponse direct = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, ModelId = "b/two" });

        first.GetHarborInfo().Provider.Should().Be("b");
        second.GetHarborInfo().Provider.Should().Be("b");
        second.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        direct.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory, "a key belongs to a target, not to a name");
        dead.Attempts.Should().HaveCount(1);
        _provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_target_that_may_not_see_the_call_does_not_answer_it_from_memory_either()
    {
        var other = new ProviderEmulator(_time).ThenAnswer("of the other");
        await using FastClient client = TestClients.Chain(_time, _provider, other);
        await client.GetResponseAsync("hi", Deterministic);

        ChatResponse answer = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, AllowedTargets = ["b"] });

        answer.Text.Should().Be("of the other");
    }

    [Fact]
    public async Task An_entry_expires_by_the_clients_clock()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        var options = new HarborChatOptions { Temperature = 0, CacheTtl = TimeSpan.FromMinutes(1) };
        await client.GetResponseAsync("hi", options);

        _time.Advance(TimeSpan.FromSeconds(53));
        ChatResponse inTime = await client.GetResponseAsync("hi", options);
        _time.Advance(TimeSpan.FromSeconds(14));
        ChatResponse late = await client.GetResponseAsync("hi", options);

        inTime.Text.Should().Be("first");
        late.Text.Should().Be("second");
    }

    [Fact]
    public async Task A_hit_is_what_a_stage_of_the_users_sees_too()
    {
        var seen = new List<string>();
        await using FastClient client = TestClients.OpenAI(_provider, _time, PerformanceMode.Balanced, b => b.AddStage(StageScope.Call, next => new WatchingStage(next, seen)));

        await client.GetResponseAsync("hi", Deterministic);
        ChatResponse second = await client.GetResponseAsync("hi", Deterministic);

        second.Text.Should().Be("first");
        seen.Should().Equal("first", "first");
    }

    private sealed class WatchingStage(PipelineStage next, List<string> seen) : PipelineStage(next)
    {
        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            call.Observe(new Watcher(seen));
            return Next.OpenAsync(call);
        }

        private sealed class Watcher(List<string> seen) : IUpdateObserver
        {
            public Exception? OnUpdate(Call call, in HarborUpdate update)
            {
                if (update.Kind == HarborUpdateKind.Text) seen.Add(System.Text.Encoding.UTF8.GetString(update.Utf8.Span));
                return null;
            }

            public void OnRestart()
            {
            }
        }
    }
}
