namespace HarborClient.Tests.Routing;

public sealed class StickyTests
{
    private readonly CountedHosts _hosts = new();

    [Fact]
    public async Task A_user_always_gets_the_same_variant_in_every_client()
    {
        var other = new CountedHosts();
        await using FastClient one = _hosts.Client(Map, h => h.UseRandomSeed(1));
        await using FastClient two = other.Client(Map, h => h.UseRandomSeed(2));

        await CountedHosts.Ask(one, 300, User);
        await CountedHosts.Ask(one, 300, User);
        await CountedHosts.Ask(two, 300, User);

        _hosts.Sequence[300..].Should().Equal(_hosts.Sequence[..300]);
        other.Sequence.Should().Equal(_hosts.Sequence[..300]);
    }

    [Fact]
    public async Task Which_variant_a_user_gets_is_the_same_in_every_process_and_version()
    {
        await using FastClient client = _hosts.Client(Map);

        await CountedHosts.Ask(client, 12, User);

        // Written down once; a change here moves the users of everybody who updates.
        string.Concat(_hosts.Sequence).Should().Be("aaabbabaaaaa");
    }

    [Fact]
    public async Task Users_are_spread_by_weight()
    {
        await using FastClient client = _hosts.Client(Map);

        await CountedHosts.Ask(client, 10_000, User);

        _hosts.Asked("a").Should().BeInRange(6860, 7140);
        _hosts.Asked("b").Should().BeInRange(2860, 3140);
    }

    [Fact]
    public async Task A_changed_weight_moves_only_the_users_that_it_has_to()
    {
        var changed = new CountedHosts();
        await using FastClient before = _hosts.Client(Map);
        await using FastClient after = changed.Client(map => map.Target("a/m", weight: 0.6).Target("b/m", weight: 0.4).StickyByUser());

        await CountedHosts.Ask(before, 5000, User);
        await CountedHosts.Ask(after, 5000, User);

        int moved = _hosts.Sequence.Zip(changed.Sequence).Count(pair => pair.First != pair.Second);
        moved.Should().BeInRange(400, 600, "a tenth of the users");
        _hosts.Sequence.Zip(changed.Sequence).Should().NotContain(pair => pair.First == "b" && pair.Second == "a");
    }

    [Fact]
    public async Task Affinity_decides_in_any_balanced_alias_and_a_user_only_where_the_alias_says_so()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 2).Target("b/m"));

        await CountedHosts.Ask(client, 200, _ => new HarborChatOptions { User = "ann", Affinity = "conversation 7" });
        _hosts.Sequence.Distinct().Should().ContainSingle();
        await CountedHosts.Ask(client, 200, _ => new HarborChatOptions { User = "ann" });

        _hosts.Sequence.Distinct().Should().HaveCount(2);
    }

    [Fact]
    public async Task Canaries_are_sticky_too()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Canary("c/m", 0.1).StickyByUser());

        await CountedHosts.Ask(client, 5000, User);
        await CountedHosts.Ask(client, 5000, User);

        _hosts.Sequence[5000..].Should().Equal(_hosts.Sequence[..5000]);
        _hosts.Asked("c").Should().BeInRange(870, 1130);
    }

    private static void Map(ModelMapBuilder map) => map.Target("a/m", weight: 0.7).Target("b/m", weight: 0.3).StickyByUser();

    private static HarborChatOptions User(int i) => new() { User = $"user-{i}" };
}
