using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Embeddings that are there before somebody asks.
public sealed class EmbeddingWarmUpTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public EmbeddingWarmUpTests() => _provider = new ProviderEmulator(_time);

    [Fact]
    public async Task Each_text_is_found_by_who_asks_for_it()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        CacheWarmResult result = await client.Cache.WarmAsync([CacheRequest.Embeddings(["one", "two"])]);
        GeneratedEmbeddings<Embedding<float>> found = await client.GenerateAsync(["two"]);

        (result.Done, result.Failures.Count).Should().Be((1, 0));
        found.AdditionalProperties!["harbor.cache_level"].Should().Be("Memory");
        _provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_is_kept_already_is_not_asked_again_unless_the_options_say_so()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        await client.Cache.WarmAsync([CacheRequest.Embeddings(["one"])]);

        await client.Cache.WarmAsync([CacheRequest.Embeddings(["one"])]);
        int again = _provider.Attempts.Count;
        await client.Cache.WarmAsync([CacheRequest.Embeddings(["one"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.cache"] = "refresh" } })]);

        again.Should().Be(1);
        _provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_schedule_asks_anew_each_time()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);

        client.Cache.ScheduleRefresh(CacheRequest.Embeddings(["one"]), TimeSpan.FromMinutes(1));
        await _provider.AttemptReceived(1).Guarded();
        await LevelFixture.UntilAsync(() => client.Cache.Statistics.Stored == 1);
        await _time.TimerSet(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        await _provider.AttemptReceived(2).Guarded();

        await client.Cache.StopAllAsync();
        _provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task Where_nothing_is_kept_nothing_is_asked_and_it_says_why()
    {
        await using FastClient client = TestClients.Fast(_provider, _time);

        CacheWarmResult result = await client.Cache.WarmAsync([CacheRequest.Embeddings(["one"])]);

        result.Failures.Should().ContainSingle().Which.Error.Message.Should().Contain("keeps no answer");
        _provider.Attempts.Should().BeEmpty();
    }
}
