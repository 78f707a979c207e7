using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Own values that are removed, also while they are made.
#pragma warning disable CA1001 // The levels of these tests lie in memory: disposing them does nothing.
public sealed class OwnRemovalTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedLevel _level = new();

    public static TheoryData<CacheSelectionKind> Kinds => [CacheSelectionKind.Key, CacheSelectionKind.Tag, CacheSelectionKind.Prefix];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _level.DisposeAsync();

    private static Task RemoveAsync(FastClient client, CacheSelectionKind kind) => kind switch
    {
        CacheSelectionKind.Key => client.Cache.InvalidateAsync("a:key"),
        CacheSelectionKind.Tag => client.Cache.InvalidateTagAsync("tag"),
        _ => client.Cache.InvalidatePrefixAsync("a:"),
    };

    private static Task<string> AskAsync(FastClient client, Func<CancellationToken, ValueTask<string>> function, string key = "a:key", string tag = "tag") =>
        client.Cache.GetOrCreateAsync(key, function, OwnJson.Default.String, tags: [tag]).AsTask();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_removed_is_made_anew_and_the_rest_stays(CacheSelectionKind kind)
    {
        await using FastClient client = OwnClients.Over(_time, _level);
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting(), other = OwnFunction.Counting();
        await AskAsync(client, function);
        await AskAsync(client, other, "b:key", "other");
        await LevelFixture.UntilAsync(() => _level.Items.Count == 2);
        _time.Advance(TimeSpan.FromSeconds(1));

        await RemoveAsync(client, kind);

        (await AskAsync(client, function)).Should().Be("value 2");
        (await AskAsync(client, other, "b:key", "other")).Should().Be("value 1");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_removed_while_it_is_made_is_given_to_those_who_wait_and_not_kept(CacheSelectionKind kind)
    {
        await using FastClient client = OwnClients.Over(_time, _level);
        var held = new OwnFunction();
        Task<string> waiting = AskAsync(client, held.RunAsync);
        await held.Started;

        await RemoveAsync(client, kind);
        string later = await AskAsync(client, OwnFunction.Counting()).Guarded();
        held.End("from before");

        (await waiting.Guarded()).Should().Be("from before");
        later.Should().Be("value 1", "who asks after the removal does not wait for what began before it");
        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");
        await LevelFixture.UntilAsync(() => _level.Items.ContainsKey("own:a:key"));
        client.Cache.Statistics.Stored.Should().Be(1);
        _level.Written.Should().ContainSingle();
    }

    [Fact]
    public async Task A_removal_by_another_process_means_what_is_being_made_too()
    {
        await using FastClient client = OwnClients.Over(_time, _level);
        var held = new OwnFunction();
        Task<string> waiting = AskAsync(client, held.RunAsync);
        await held.Started;

        _level.TellOfRemoval(new CacheSelection(CacheSelectionKind.Tag, "tag"));
        held.End("from before");
        await waiting.Guarded();

        (await AskAsync(client, OwnFunction.Counting(_ => { }))).Should().Be("value 1");
    }

    [Fact]
    public async Task Where_removals_may_have_been_missed_nothing_that_is_being_made_is_kept()
    {
        await using FastClient client = OwnClients.Over(_time, _level);
        var held = new OwnFunction();
        Task<string> waiting = AskAsync(client, held.RunAsync);
        await held.Started;

        _level.TellOfRemoval(null);
        held.End("from before");
        await waiting.Guarded();

        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");
    }

    [Fact]
    public async Task A_removal_long_before_the_end_of_a_long_function_counts()
    {
        await using FastClient client = OwnClients.Over(_time, _level);
        var held = new OwnFunction();
        Task<string> waiting = AskAsync(client, held.RunAsync);
        await held.Started;

        await client.Cache.InvalidateAsync("a:key");
        _time.Advance(TimeSpan.FromMinutes(10));
        await client.Cache.InvalidateAsync("another");
        held.End("from before");
        await waiting.Guarded();

        (await AskAsync(client, OwnFunction.Counting())).Should().Be("value 1");
    }
}
