using HarborClient.Testing;
using HarborClient.Tests.Caching;
using HarborClient.Tests.Caching.Semantic;

namespace HarborClient.Tests.Telemetry;

// What is kept, as instruments.
[Collection(TelemetryCollection.Name)]
public sealed class CacheMetricsTests
{
    private const string Prefix = "harbor.client.cache.";

    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0 };

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Look_ups_are_counted_by_level_and_result()
    {
        using var metrics = new MetricRecorder();
        var level = new ScriptedLevel();
        await using FastClient client = Full(new ProviderEmulator(_time), level);
        Dictionary<string, double> before = Read(metrics);

        await client.GetResponseAsync("hi", Deterministic);
        await LevelFixture.UntilAsync(() => !level.Items.IsEmpty);
        await client.GetResponseAsync("hi", Deterministic);
        await using FastClient other = Full(new ProviderEmulator(_time), level);
        await other.GetResponseAsync("hi", Deterministic);
        level.OnGet = (_, _) => throw new IOException("broken");
        await other.GetResponseAsync("another", Deterministic);

        Changes(before, metrics, "lookups").Should().BeEquivalentTo(new Dictionary<string, double>
        {
            ["lookups memory hit"] = 1, ["lookups memory miss"] = 3, ["lookups distributed hit"] = 1, ["lookups distributed miss"] = 1, ["lookups distributed failed"] = 1,
        });
    }

    [Fact]
    public async Task What_is_kept_and_what_it_saves_is_counted()
    {
        using var metrics = new MetricRecorder();
        var level = new ScriptedLevel();
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("answer").Usage(20, 9));
        await using FastClient client = Full(provider, level);
        Dictionary<string, double> before = Read(metrics);

        await client.GetResponseAsync("hi", Deterministic);
        await LevelFixture.UntilAsync(() => client.Cache.Statistics.Levels[0].Stored == 1);
        await client.GetResponseAsync("hi", Deterministic);

        Dictionary<string, double> changes = Changes(before, metrics, "");
        changes["stored memory"].Should().Be(1);
        changes["stored distributed"].Should().Be(1);
        changes["saved_tokens"].Should().Be(29);
        changes["saved_cost"].Should().Be(8_400, "20 and 9 tokens cost 0.15 and 0.60 dollars a million");
        changes["size"].Should().Be(client.Cache.Statistics.Bytes).And.BePositive();
    }

    [Fact]
    public async Task Those_who_wait_for_the_same_answer_are_counted()
    {
        using var metrics = new MetricRecorder();
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("answer").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = TestClients.Balanced(provider, _time);
        Dictionary<string, double> before = Read(metrics);

        await _time.AdvanceUntil(Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.GetResponseAsync("hi", Deterministic))));

        Changes(before, metrics, "coalesced").Should().BeEquivalentTo(new Dictionary<string, double> { ["coalesced"] = 4 });
    }

    [Fact]
    public async Task Answers_to_similar_questions_are_counted()
    {
        using var metrics = new MetricRecorder();
        using var embeddings = new StandInEmbedding();
        await using FastClient client = TestClients.OpenAI(new ProviderEmulator(_time), _time, PerformanceMode.Full, builder => builder.UseSemanticCache(embeddings));
        Dictionary<string, double> before = Read(metrics);

        await client.GetResponseAsync("How do I reset my password?", Deterministic);
        await client.GetResponseAsync("How can I reset my password?", Deterministic);

        Changes(before, metrics, "semantic_hits").Should().BeEquivalentTo(new Dictionary<string, double> { ["semantic_hits"] = 1 });
    }

    [Fact]
    public async Task What_has_to_go_from_memory_is_counted()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = TestClients.OpenAI(
            new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer(new string('a', 100_000))), _time, configure: b => b.UseMemoryCache(memory => memory.SizeLimitBytes = 1 << 20));
        Dictionary<string, double> before = Read(metrics);

        for (int i = 0; i < 20; i++) await client.GetResponseAsync($"question {i}", Deterministic);

        double evicted = Changes(before, metrics, "evicted")["evicted memory"];
        evicted.Should().Be(20 - client.Cache.Statistics.Entries).And.BePositive();
        client.Cache.Statistics.Evicted.Should().Be((long)evicted);
    }

    [Fact]
    public async Task What_a_level_does_not_take_is_counted()
    {
        using var metrics = new MetricRecorder();
        var level = new ScriptedLevel { OnGet = (_, _) => throw new IOException("broken") };
        await using FastClient client = Full(new ProviderEmulator(_time), level);
        Dictionary<string, double> before = Read(metrics);

        for (int i = 0; i < 20; i++)
        {
            await client.GetResponseAsync($"question {i}", Deterministic);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        // Written behind the calls: more may be dropped at any moment.
        long dropped = client.Cache.Statistics.Dropped;
        dropped.Should().BePositive();
        Changes(before, metrics, "dropped")["dropped distributed"].Should().BeGreaterThanOrEqualTo(dropped);
    }

    [Fact]
    public async Task The_time_that_a_level_takes_is_recorded_with_what_came_of_it()
    {
        using var metrics = new MetricRecorder(Prefix + "read.duration");
        var level = new ScriptedLevel();
        level.OnGet = async (key, _) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(3), _time, CancellationToken.None);
            return level.Items.GetValueOrDefault(key);
        };
        await using FastClient client = Full(new ProviderEmulator(_time), level);

        Task<ChatResponse> call = client.GetResponseAsync("hi", Deterministic);
        await _time.TimerSet(TimeSpan.FromMilliseconds(3));
        _time.Advance(TimeSpan.FromMilliseconds(3));
        await call.Guarded();

        Measurement read = metrics.All.Should().ContainSingle().Which;
        read.Value.Should().BeApproximately(0.003, 0.0001);
        read.Tags.Should().BeEquivalentTo(new Dictionary<string, object?> { ["harbor.cache.level"] = "distributed", ["harbor.cache.result"] = "miss" });
    }

    [Fact]
    public async Task Clients_add_up_and_what_one_counted_stays_counted_when_it_is_gone()
    {
        using var metrics = new MetricRecorder();
        FastClient one = TestClients.Balanced(new ProviderEmulator(_time), _time);
        FastClient two = TestClients.Balanced(new ProviderEmulator(_time), _time);
        Dictionary<string, double> before = Read(metrics);
        await one.GetResponseAsync("hi", Deterministic);
        await two.GetResponseAsync("hi", Deterministic);

        Dictionary<string, double> both = Changes(before, metrics, "");
        await one.DisposeAsync();
        await two.DisposeAsync();
        Dictionary<string, double> gone = Changes(before, metrics, "");

        (both["stored memory"], both["lookups memory miss"]).Should().Be((2, 2));
        (gone["stored memory"], gone["lookups memory miss"]).Should().Be((2, 2));
        both["size"].Should().BePositive();
        gone.Should().NotContainKey("size");
    }

    [Fact]
    public async Task The_span_of_a_kept_answer_says_where_it_was_found()
    {
        using var spans = new SpanRecorder();
        await using FastClient client = TestClients.Balanced(new ProviderEmulator(_time), _time);

        await client.GetResponseAsync("hi", Deterministic);
        await client.GetResponseAsync("hi", Deterministic);

        spans.Stopped.Where(span => span.Kind == System.Diagnostics.ActivityKind.Client && span.DisplayName.StartsWith("chat", StringComparison.Ordinal))
            .Select(span => span.GetTagItem("harbor.cache.level")).Should().Contain("memory").And.Contain((object?)null);
    }

    private FastClient Full(ProviderEmulator provider, ScriptedLevel level) => TestClients.OpenAI(provider, _time, PerformanceMode.Full, builder => builder.UseCacheLevel(() => level));

    // The process has others' clients behind it: only what changes is this test's.
    private static Dictionary<string, double> Read(MetricRecorder metrics) => metrics.Observe().Where(one => one.Instrument.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(one => string.Join(' ', [one.Instrument[Prefix.Length..], .. one.Tags.Values.Select(tag => (string)tag!)]), one => one.Value);

    private static Dictionary<string, double> Changes(Dictionary<string, double> before, MetricRecorder metrics, string instrument) =>
        Read(metrics).Where(now => now.Key.StartsWith(instrument, StringComparison.Ordinal)).Select(now => (now.Key, Change: now.Value - before.GetValueOrDefault(now.Key)))
            .Where(row => row.Change != 0).ToDictionary(row => row.Key, row => row.Change);
}
