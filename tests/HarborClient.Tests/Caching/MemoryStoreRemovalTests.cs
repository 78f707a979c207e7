using HarborClient.Caching;
using HarborClient.Testing;
using static HarborClient.Tests.Caching.MemoryItems;

namespace HarborClient.Tests.Caching;

// By key, tag and prefix. All entries share one bucket and one hash code: what is removed is chosen by what it is, and not by where it lies.
public sealed class MemoryStoreRemovalTests
{
    private const string Mini = "chat:openai/gpt-5-mini:";
    private const string Large = "chat:openai/gpt-5:";
    private const string Haiku = "chat:claude/haiku:";

    private readonly MemoryStore _store = new(RoomFor(1_000), new ManualTimeProvider());
    private readonly List<string> _kept = [];

    [Fact]
    public void A_tag_removes_all_that_have_it_and_nothing_else()
    {
        Keep("a", Mini, "a", "prices", "germany");
        Keep("b", Haiku, "b", "prices");
        Keep("c", Mini, "c", "price");
        Keep("d", Mini, null, "Prices");

        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Tag, "prices")).Should().Be(2);

        Found().Should().Equal("c", "d");
    }

    [Fact]
    public void A_key_removes_the_one_that_has_it()
    {
        Keep("a", Mini, Mini + "aa");
        Keep("b", Mini, Mini + "aab");
        Keep("c", Haiku, Haiku + "aa");

        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Key, Mini + "aa")).Should().Be(1);

        Found().Should().Equal("b", "c");
    }

    [Fact]
    public void A_key_removes_what_of_its_space_has_no_name_too()
    {
        Keep("named", Mini, Mini + "aa");
        Keep("nameless", Mini, null);
        Keep("elsewhere", Haiku, null);

        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Key, Mini + "bb")).Should().Be(1);

        Found().Should().Equal("named", "elsewhere");
    }

    [Theory]
    [InlineData("chat:", "own")]
    [InlineData("chat:openai/", "haiku", "own")]
    [InlineData(Large, "mini", "mini nameless", "haiku", "own")]
    [InlineData("own:user", "mini", "mini nameless", "large", "haiku")]
    [InlineData("own:user42", "mini", "mini nameless", "large", "haiku", "own")]
    [InlineData("")]
    public void A_prefix_removes_all_whose_key_begins_so(string prefix, params string[] left)
    {
        Keep("mini", Mini, Mini + "aa");
        Keep("mini nameless", Mini, null);
        Keep("large", Large, Large + "aa");
        Keep("haiku", Haiku, null);
        Keep("own", "own:", "own:user/1");

        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Prefix, prefix)).Should().Be(5 - left.Length);

        Found().Should().Equal(left);
    }

    [Fact]
    public void A_prefix_that_tells_keys_of_a_space_apart_removes_its_nameless_ones_and_of_the_named_those_that_begin_so()
    {
        Keep("fits", Mini, Mini + "aab");
        Keep("does not", Mini, Mini + "abb");
        Keep("nameless", Mini, null);

        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Prefix, Mini + "aa")).Should().Be(2);

        Found().Should().Equal("does not");
    }

    [Fact]
    public void Removals_between_entries_leave_the_store_whole()
    {
        for (int i = 0; i < 1_000; i++) Keep($"{i}", Mini, $"{Mini}{i}", i % 3 == 0 ? "third" : "other");
        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Tag, "third")).Should().Be(334);

        (_store.Count, _store.Bytes).Should().Be((666, RoomFor(666)));
        for (int i = 1_000; i < 4_000; i++) Keep($"{i}", Mini, $"{Mini}{i}", "later");
        (_store.Count, _store.Bytes).Should().Be((1_000, RoomFor(1_000)));
        _store.RemoveWhere(new CacheSelection(CacheSelectionKind.Prefix, Mini)).Should().Be(1_000);
        (_store.Count, _store.Bytes).Should().Be((0, 0));
    }

    private static CacheKey Colliding(int number) => new((ulong)number, 7);

    private void Keep(string value, string space, string? name, params string[] tags)
    {
        _store.Set(Colliding(_kept.Count), Of(value, space: space, name: name, tags: tags)).Should().BeTrue();
        _kept.Add(value);
    }

    private IEnumerable<string> Found() => _kept.Where((value, number) => _store.TryGet(Colliding(number), out _));
}
