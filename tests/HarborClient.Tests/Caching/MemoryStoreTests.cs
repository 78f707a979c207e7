using HarborClient.Caching;
using HarborClient.Testing;
using static HarborClient.Tests.Caching.MemoryItems;

namespace HarborClient.Tests.Caching;

public sealed class MemoryStoreTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void What_is_kept_is_found_under_its_key_only()
    {
        MemoryStore store = StoreFor(10);
        MemoryItem item = Of("answer");

        store.Set(Key(1), item).Should().BeTrue();

        store.TryGet(Key(1), out MemoryItem? found).Should().BeTrue();
        found.Should().BeSameAs(item);
        store.TryGet(Key(2), out MemoryItem? other).Should().BeFalse();
        other.Should().BeNull();
    }

    [Fact]
    public void An_entry_is_found_until_the_moment_it_expires_and_can_still_be_had_as_an_expired_one()
    {
        MemoryStore store = StoreFor(10);
        store.Set(Key(1), Of("answer", expiresAt: _time.GetTimestamp() + _time.TimestampFrequency * 60));

        _time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        store.TryGet(Key(1), out _).Should().BeTrue();
        _time.Advance(TimeSpan.FromTicks(1));
        store.TryGet(Key(1), out _).Should().BeFalse();

        store.TryGetExpired(Key(1), out MemoryItem? expired).Should().BeTrue();
        expired!.Value.Should().Be("answer");
    }

    [Fact]
    public void An_entry_that_is_kept_anew_takes_the_place_of_the_former()
    {
        MemoryStore store = StoreFor(10);
        store.Set(Key(1), Of("old", bytes: 2_000));

        store.Set(Key(1), Of("new", bytes: 500));

        store.TryGet(Key(1), out MemoryItem? found).Should().BeTrue();
        found!.Value.Should().Be("new");
        (store.Count, store.Bytes).Should().Be((1, 500 + MemoryStore.EntryBytes));
    }

    [Fact]
    public void What_expired_goes_when_its_turn_comes_however_often_it_was_asked_for()
    {
        MemoryStore store = StoreFor(4);
        store.Set(Key(1), Of(1, expiresAt: _time.GetTimestamp() + 1));
        for (int i = 2; i <= 4; i++) store.Set(Key(i), Of(i));
        for (int i = 1; i <= 4; i++) Ask(store, i, times: 3);
        _time.Advance(TimeSpan.FromSeconds(1));

        store.Set(Key(5), Of(5)).Should().BeTrue();

        store.TryGetExpired(Key(1), out _).Should().BeFalse();
        for (int i = 2; i <= 5; i++) store.TryGet(Key(i), out _).Should().BeTrue();
    }

    [Fact]
    public void What_was_asked_for_twice_outlives_what_was_not()
    {
        MemoryStore store = StoreFor(100);
        for (int i = 0; i < 100; i++) store.Set(Key(i), Of(i));
        for (int i = 0; i < 100; i += 2) Ask(store, i, times: 2);

        for (int i = 100; i < 150; i++) store.Set(Key(i), Of(i));

        for (int i = 0; i < 100; i++) store.TryGet(Key(i), out _).Should().Be(i % 2 == 0, "{0}", i);
        for (int i = 100; i < 150; i++) store.TryGet(Key(i), out _).Should().BeTrue();
    }

    [Fact]
    public void What_comes_back_soon_after_it_went_outlives_what_comes_for_the_first_time()
    {
        MemoryStore store = StoreFor(100);
        for (int i = 0; i < 101; i++) store.Set(Key(i), Of(i));
        store.TryGet(Key(0), out _).Should().BeFalse("it was the oldest");

        store.Set(Key(0), Of(0));
        for (int i = 101; i < 250; i++) store.Set(Key(i), Of(i));

        store.TryGet(Key(0), out _).Should().BeTrue();
        store.TryGet(Key(101), out _).Should().BeFalse();
    }

    [Fact]
    public void An_item_larger_than_a_quarter_of_the_limit_is_not_kept_and_neither_is_what_it_would_have_replaced()
    {
        MemoryStore store = StoreFor(8);
        store.Set(Key(1), Of("old")).Should().BeTrue();
        store.Set(Key(2), Of("other")).Should().BeTrue();

        store.Set(Key(1), Of("new", bytes: RoomFor(2) - MemoryStore.EntryBytes + 1)).Should().BeFalse();

        store.TryGetExpired(Key(1), out _).Should().BeFalse("it is not what the key stands for any more");
        store.TryGet(Key(2), out _).Should().BeTrue();
        store.Set(Key(1), Of("new", bytes: RoomFor(2) - MemoryStore.EntryBytes)).Should().BeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void A_store_without_room_keeps_nothing(long limitBytes)
    {
        var store = new MemoryStore(limitBytes, _time);

        store.Set(Key(1), Of("answer", bytes: 0)).Should().BeFalse();
        store.Set(Key(2), Of("answer", bytes: long.MaxValue)).Should().BeFalse();

        (store.Count, store.Bytes).Should().Be((0, 0));
    }

    [Fact]
    public void A_removed_entry_is_gone_and_its_bytes_with_it()
    {
        MemoryStore store = StoreFor(10);
        for (int i = 0; i < 3; i++) store.Set(Key(i), Of(i));

        store.Remove(Key(1)).Should().BeTrue();
        store.Remove(Key(1)).Should().BeFalse();

        store.TryGetExpired(Key(1), out _).Should().BeFalse();
        (store.Count, store.Bytes).Should().Be((2, RoomFor(2)));
    }

    [Fact]
    public void A_cleared_store_is_as_good_as_new()
    {
        MemoryStore store = StoreFor(10);
        for (int i = 0; i < 25; i++) store.Set(Key(i), Of(i));

        store.Clear();

        (store.Count, store.Bytes).Should().Be((0, 0));
        store.TryGetExpired(Key(24), out _).Should().BeFalse();
        for (int i = 0; i < 25; i++) store.Set(Key(i), Of(i));
        (store.Count, store.Bytes).Should().Be((10, RoomFor(10)));
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        MemoryStore store = StoreFor(10);
        store.Set(Key(1), Of("answer"));
        int hits = 0;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) hits += store.TryGet(Key(1), out _) ? 1 : 0;

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        hits.Should().Be(10_000);
    }

    private static void Ask(MemoryStore store, int number, int times)
    {
        for (int i = 0; i < times; i++) store.TryGetExpired(Key(number), out _).Should().BeTrue();
    }

    private MemoryStore StoreFor(int items) => new(RoomFor(items), _time);
}
