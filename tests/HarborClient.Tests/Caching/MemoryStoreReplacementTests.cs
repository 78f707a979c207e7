using HarborClient.Caching;
using HarborClient.Testing;
using Xunit.Abstractions;
using static HarborClient.Tests.Caching.MemoryItems;

namespace HarborClient.Tests.Caching;

// Which entries a full store keeps.
public sealed class MemoryStoreReplacementTests(ITestOutputHelper output)
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void On_a_Zipf_trace_it_answers_at_least_as_many_calls_as_a_plain_LRU(int seed)
    {
        int[] calls = ZipfTrace.Make(seed);
        var store = new MemoryStore(RoomFor(ZipfTrace.Room), _time);

        int hits = calls.Count(question => Ask(store, question, 1_000));

        int ofLru = PlainLru.HitsOf(calls, ZipfTrace.Room);
        Report($"memory cache, Zipf trace {seed}: {100.0 * hits / calls.Length:F2} % hits, a plain LRU {100.0 * ofLru / calls.Length:F2} %, the {ZipfTrace.Room} most popular from the beginning {100.0 * ZipfTrace.HitsOfTheForeknowing(calls) / calls.Length:F2} %");
        hits.Should().BeGreaterThanOrEqualTo(ofLru);
        store.Count.Should().Be(ZipfTrace.Room);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Filled_to_twice_its_size_it_has_the_newest_half_whether_or_not_the_older_were_asked_for_again(int seed)
    {
        var random = new Random(seed);
        foreach (double askedFor in new[] { 0, 0.5, 1 })
        {
            // As answers are: most short, some twenty times as long.
            long[] bytes = [.. Enumerable.Range(0, 2_000).Select(_ => random.NextInt64(200, random.Next(10) == 0 ? 20_000 : 1_500))];
            long limit = bytes.Sum(each => each + MemoryStore.EntryBytes) / 2;
            var store = new MemoryStore(limit, _time);
            for (int i = 0; i < bytes.Length; i++)
            {
                store.Set(Key(i), Of(i, bytes[i]));
                store.Bytes.Should().BeLessThanOrEqualTo(limit);
                if (random.NextDouble() < askedFor && i < bytes.Length / 2) store.TryGet(Key(i), out _);
            }

            long newest = 0, found = 0;
            for (int i = bytes.Length - 1; i >= 0 && (newest += bytes[i] + MemoryStore.EntryBytes) <= limit; i--) found += store.TryGetExpired(Key(i), out _) ? bytes[i] + MemoryStore.EntryBytes : 0;
            Report($"memory cache, filled to twice its size, {askedFor:P0} of the older asked for again, seed {seed}: {(double)found / limit:P1} of the newest half is there");
            ((double)found / limit).Should().BeGreaterThanOrEqualTo(0.95);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_other_questions_become_popular_it_follows(int seed)
    {
        // Every 5,000 calls, 400 new questions take the top.
        int[] calls = [.. ZipfTrace.Make(seed).Select((question, call) => question - (call / 5_000 * 400))];
        var store = new MemoryStore(RoomFor(ZipfTrace.Room), _time);

        int hits = calls.Count(question => Ask(store, question, 1_000));

        int ofLru = PlainLru.HitsOf(calls, ZipfTrace.Room);
        Report($"memory cache, Zipf trace {seed} with 400 new questions at the top every 5,000 calls: {100.0 * hits / calls.Length:F2} % hits, a plain LRU {100.0 * ofLru / calls.Length:F2} %");
        hits.Should().BeGreaterThan(ofLru * 9 / 10);
    }

    [Fact]
    public void A_crowd_of_questions_asked_once_does_not_push_out_those_that_are_asked_all_the_time()
    {
        int[] calls = [.. Enumerable.Range(0, 100_000).Select(call => call % 2 == 0 ? call / 2 % 1_500 : 1_000_000 + call)];
        var store = new MemoryStore(RoomFor(ZipfTrace.Room), _time);

        int hits = calls.Count(question => Ask(store, question, 1_000));

        int ofLru = PlainLru.HitsOf(calls, ZipfTrace.Room);
        Report($"memory cache, 1,500 questions in turn between others that are asked once: {100.0 * hits / calls.Length:F2} % of the calls are hits, of 50 % that could be; a plain LRU {100.0 * ofLru / calls.Length:F2} %");
        hits.Should().BeGreaterThan(calls.Length * 45 / 100);
    }

    private static bool Ask(MemoryStore store, int question, long bytes)
    {
        if (store.TryGet(Key(question), out _)) return true;
        store.Set(Key(question), Of(question, bytes));
        return false;
    }

    private void Report(string line)
    {
        output.WriteLine(line);
        TestReport.Add(line);
    }
}
