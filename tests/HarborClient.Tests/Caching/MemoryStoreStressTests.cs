using HarborClient.Caching;
using HarborClient.Testing;
using static HarborClient.Tests.Caching.MemoryItems;

namespace HarborClient.Tests.Caching;

public sealed class MemoryStoreStressTests
{
    private const int Threads = 8;
    private const int StepsEach = 40_000;
    private const int Keys = 500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Under_threads_that_do_everything_at_once_nothing_is_mixed_up_and_the_limit_holds(int seed)
    {
        var time = new ManualTimeProvider();
        long limit = RoomFor(100);
        var store = new MemoryStore(limit, time);
        var faults = new System.Collections.Concurrent.ConcurrentQueue<string>();

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() => Work(new Random(seed * 100 + thread)))));

        faults.Should().BeEmpty();
        store.Bytes.Should().BeLessThanOrEqualTo(limit);
        int[] found = [.. Enumerable.Range(0, Keys).Where(number => store.TryGetExpired(Key(number), out _))];
        store.Count.Should().Be(found.Length, "every entry of the queue can be found, and the other way about");
        foreach (int number in found) store.Remove(Key(number)).Should().BeTrue();
        (store.Count, store.Bytes).Should().Be((0, 0), "the sums are those of the entries");

        void Work(Random random)
        {
            for (int i = 0; i < StepsEach; i++)
            {
                int number = random.Next(Keys);
                switch (random.Next(100))
                {
                    case < 60:
                        if (store.TryGet(Key(number), out MemoryItem? item) && !number.Equals(item.Value)) faults.Enqueue($"{number} was answered with {item.Value}");
                        break;
                    case < 95:
                        store.Set(Key(number), Of(number, random.Next(100, 3_000), expiresAt: random.Next(4) == 0 ? time.GetTimestamp() + 1 : long.MaxValue, tags: $"tag{number % 50}"));
                        break;
                    case < 98:
                        store.Remove(Key(number));
                        break;
                    case 98:
                        store.RemoveWhere(new CacheSelection(CacheSelectionKind.Tag, $"tag{number % 50}"));
                        break;
                    default:
                        if (random.Next(50) == 0) store.Clear();
                        else time.Advance(TimeSpan.FromTicks(1));
                        break;
                }

                if (store.Bytes > limit) faults.Enqueue($"{store.Bytes} bytes, and the limit is {limit}");
            }
        }
    }

    [Fact]
    public async Task An_entry_that_is_renewed_again_and_again_is_never_missed()
    {
        var store = new MemoryStore(RoomFor(10), new ManualTimeProvider());
        store.Set(Key(1), Of(0));
        int misses = 0;
        using var ended = new CancellationTokenSource();

        Task reading = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested) misses += store.TryGet(Key(1), out _) ? 0 : 1;
        });
        for (int i = 0; i < 100_000; i++) store.Set(Key(1), Of(i));
        await ended.CancelAsync();
        await reading;

        misses.Should().Be(0);
    }
}
