using System.Collections.Concurrent;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// What calls in Full make of the levels below memory, through the client.
#pragma warning disable CA1001 // The levels of these tests lie in memory: disposing them does nothing.
public sealed class LevelTests
#pragma warning restore CA1001
{
    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0 };

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;
    private readonly DictionaryLevel _shared;
    private readonly DictionaryLevel _durable;

    public LevelTests()
    {
        int count = 0;
        _provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {++count}"));
        _shared = new DictionaryLevel(CacheLevel.Distributed, TimeSpan.FromHours(1), _time);
        _durable = new DictionaryLevel(CacheLevel.Durable, TimeSpan.FromHours(24), _time);
    }

    [Fact]
    public async Task Another_process_finds_the_answer_below_and_then_in_its_own_memory()
    {
        await using (FastClient first = Client()) await first.GetResponseAsync("hi", Deterministic);
        await using FastClient second = Client();

        ChatResponse below = await second.GetResponseAsync("hi", Deterministic);
        ChatResponse memory = await second.GetResponseAsync("hi", Deterministic);

        below.Text.Should().Be("answer 1");
        below.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Distributed);
        below.GetHarborInfo().Saved!.OutputTokenCount.Should().BePositive();
        below.GetHarborInfo().SavedCost!.Value.Should().BeGreaterThan(Money.Zero);
        memory.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        _provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task What_only_the_lowest_level_has_goes_to_those_above()
    {
        await using (FastClient first = Client()) await first.GetResponseAsync("hi", Deterministic);
        _shared.Items.Clear();

        await using (FastClient second = Client())
            (await second.GetResponseAsync("hi", Deterministic)).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Durable);

        _shared.Items.Should().HaveCount(1);
        _shared.Items.Values.Single().ExpiresAt.Should().BeOnOrBefore(_time.GetUtcNow() + TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_new_process_does_not_wait_for_one_level_after_the_other()
    {
        var silent = new TaskCompletionSource<CacheItem?>();
        await using FastClient client = TestClients.OpenAI(_provider, _time, PerformanceMode.Full, builder => builder
            .UseCacheLevel(() => new ScriptedLevel { OnGet = (_, _) => new(silent.Task) })
            .UseCacheLevel(() => new ScriptedLevel { OnGet = (_, _) => new(silent.Task) }));

        Task<ChatResponse> call = client.GetResponseAsync("hi", Deterministic);
        _time.Advance(TimeSpan.FromMilliseconds(50));

        (await call.Guarded()).Text.Should().Be("answer 1");
        client.Cache.Statistics.Levels.Select(level => level.Failures).Should().Equal(1, 1);
    }

    [Fact]
    public async Task Balanced_asks_memory_only()
    {
        await using FastClient client = Client();

        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced });

        _shared.Reads.Should().Be(0);
        _shared.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task An_alias_asks_below_for_its_first_target_that_is_ready()
    {
        var other = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("of the other"));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Full, b => b.UseCacheLevel(() => _shared), _provider, other);

        await client.GetResponseAsync("hi", Deterministic);

        _shared.Reads.Should().Be(1);
        _shared.LastKey.Should().StartWith("chat:a/one:");
    }

    [Fact]
    public async Task What_has_to_stay_at_home_stays_in_memory()
    {
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Full, b => b.UseCacheLevel(() => _shared).KeepLocal(DataClass.Confidential), _provider);
        var confidential = new HarborChatOptions { Temperature = 0, DataClass = DataClass.Confidential };

        await client.GetResponseAsync("hi", confidential);
        ChatResponse second = await client.GetResponseAsync("hi", confidential);

        second.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        _shared.Reads.Should().Be(0);
        _shared.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_readable_leaves_the_process_when_it_is_encrypted()
    {
        byte[] key = new byte[32];
        key[3] = 7;
        await using (FastClient first = Client(b => b.UseCacheEncryption("k1", key))) await first.GetResponseAsync("hi", Deterministic);
        await using (FastClient second = Client(b => b.UseCacheEncryption("k2", new byte[32]).UseCacheEncryption("k1", key)))
            (await second.GetResponseAsync("hi", Deterministic)).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Distributed, "an older key opens what it sealed");
        await using FastClient without = Client();

        ChatResponse third = await without.GetResponseAsync("hi", Deterministic);

        third.Text.Should().Be("answer 2", "who has no key finds nothing");
    }

    [Fact]
    public async Task Bytes_of_somebody_else_are_a_miss()
    {
        await using (FastClient first = Client()) await first.GetResponseAsync("hi", Deterministic);
        foreach ((string key, CacheItem item) in _shared.Items) _shared.Items[key] = item with { Payload = "{\"text\":\"forged\"}"u8.ToArray() };
        _durable.Items.Clear();
        await using FastClient second = Client();

        (await second.GetResponseAsync("hi", Deterministic)).Text.Should().Be("answer 2");
    }

    [Fact]
    public async Task A_removal_reaches_every_level_and_what_is_under_way()
    {
        var tagged = new HarborChatOptions { Temperature = 0, Tags = new Dictionary<string, string> { ["feature"] = "search" } };
        await using FastClient client = Client();
        await client.GetResponseAsync("hi", tagged);
        await client.GetResponseAsync("unlike", Deterministic);
        await _shared.HasAsync(2);

        await client.Cache.InvalidateTagAsync("feature=search");

        (await client.GetResponseAsync("hi", tagged)).Text.Should().Be("answer 3");
        (await client.GetResponseAsync("unlike", Deterministic)).Text.Should().Be("answer 2");
        await client.Cache.InvalidateModelAsync("openai/gpt-4o-mini");
        (await client.GetResponseAsync("unlike", Deterministic)).Text.Should().Be("answer 4");
        await client.Cache.InvalidateModelAsync("openai");
        (await client.GetResponseAsync("unlike", Deterministic)).Text.Should().Be("answer 5");
        await client.Cache.InvalidateModelAsync("openai/gpt-4o");
        (await client.GetResponseAsync("unlike", Deterministic)).Text.Should().Be("answer 5", "another model's entries stay");
    }

    [Fact]
    public async Task An_answer_that_was_asked_for_before_a_removal_is_not_kept()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("old").DelayBeforeHeaders(TimeSpan.FromSeconds(1))).ThenAnswer("new");
        await using FastClient client = TestClients.OpenAI(provider, _time, PerformanceMode.Full, b => b.UseCacheLevel(() => _shared));
        Task<ChatResponse> asking = client.GetResponseAsync("hi", Deterministic);
        await provider.AttemptReceived(1).Guarded();

        _time.Advance(TimeSpan.FromMilliseconds(10));
        await client.Cache.InvalidateModelAsync("openai");
        await _time.AdvanceUntil(asking);
        ChatResponse again = await client.GetResponseAsync("hi", Deterministic);

        (await asking).Text.Should().Be("old");
        again.Text.Should().Be("new");
    }

    [Fact]
    public async Task A_removal_elsewhere_reaches_this_memory_and_missed_ones_empty_it()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced });

        _shared.Removed!(new CacheSelection(CacheSelectionKind.Prefix, "chat:openai/gpt-4o-mini:"));
        ChatResponse second = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced });
        _time.Advance(TimeSpan.FromSeconds(1));
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced });
        _shared.Removed!(null);
        ChatResponse third = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced });

        second.Text.Should().Be("answer 2");
        third.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
    }

    [Fact]
    public async Task Memory_takes_anew_what_a_level_keeps_for_longer_and_nobody_is_asked()
    {
        await using FastClient client = Client(b => b.UseCache(c => c.TtlJitter = 0));
        await client.GetResponseAsync("hi", Deterministic);
        await _shared.HasAsync(1);
        _time.Advance(TimeSpan.FromMinutes(4.6));

        await client.GetResponseAsync("hi", Deterministic);
        while (client.Outstanding() != Outstanding.None) await Task.Yield();
        _time.Advance(TimeSpan.FromMinutes(4));
        ChatResponse later = await client.GetResponseAsync("hi", Deterministic);

        later.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        _provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task Who_asks_after_a_removal_shares_no_answer_that_was_asked_for_before_it()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("old").DelayBeforeHeaders(TimeSpan.FromSeconds(1))).ThenAnswer("new");
        await using FastClient client = TestClients.OpenAI(provider, _time, PerformanceMode.Balanced);
        Task<ChatResponse> before = client.GetResponseAsync("hi", Deterministic);
        await provider.AttemptReceived(1).Guarded();
        await client.Cache.InvalidateModelAsync("openai");

        Task<ChatResponse> after = client.GetResponseAsync("hi", Deterministic);
        await _time.AdvanceUntil(Task.WhenAll(before, after));

        (await before).Text.Should().Be("old");
        (await after).Text.Should().Be("new");
    }

    [Fact]
    public async Task Embeddings_go_below_too()
    {
        await using (FastClient first = Client()) await first.GenerateAsync(["one", "two"]);
        await using FastClient second = Client();

        GeneratedEmbeddings<Embedding<float>> again = await second.GenerateAsync(["two", "one"]);

        again.Should().HaveCount(2);
        again.AdditionalProperties!["harbor.cache_level"].Should().Be("Distributed");
        _provider.Attempts.Should().HaveCount(1);
    }

    private FastClient Client(Action<HarborBuilder>? configure = null) => TestClients.OpenAI(_provider, _time, PerformanceMode.Full, b =>
    {
        b.UseCacheLevel(() => _shared).UseCacheLevel(() => _durable);
        configure?.Invoke(b);
    });

    // A level in this process that outlives clients.
    private sealed class DictionaryLevel(CacheLevel level, TimeSpan ttl, TimeProvider time) : ICacheLevel
    {
        private int _reads;

        public ConcurrentDictionary<string, CacheItem> Items { get; } = new();

        public CacheLevel Level => level;

        public TimeSpan Ttl => ttl;

        public int Reads => _reads;

        public string? LastKey { get; private set; }

        public Action<CacheSelection?>? Removed { get; private set; }

        public ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            LastKey = key;
            return new ValueTask<CacheItem?>(Items.TryGetValue(key, out CacheItem? item) && item.ExpiresAt > time.GetUtcNow() ? item : null);
        }

        public ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken)
        {
            Items[key] = item;
            return ValueTask.CompletedTask;
        }

        public ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken)
        {
            foreach ((string key, CacheItem item) in Items)
            {
                bool isMeant = selection.Kind switch
                {
                    CacheSelectionKind.Key => key == selection.Value,
                    CacheSelectionKind.Tag => item.Tags.Contains(selection.Value),
                    _ => key.StartsWith(selection.Value, StringComparison.Ordinal),
                };
                if (isMeant) Items.TryRemove(key, out _);
            }

            return ValueTask.CompletedTask;
        }

        public void Watch(Action<CacheSelection?> removed) => Removed = removed;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        // Writes come behind the calls.
        public async Task HasAsync(int count)
        {
            using var guard = new CancellationTokenSource(TestClients.Guard);
            while (Items.Count < count)
            {
                guard.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }
}
