using BenchmarkDotNet.Attributes;

namespace HarborClient.Benchmarks.Micro;

/// <summary>The durable cache level by itself: answers of 2 KB in a file of 10,000 of them, which the system has in memory. A hit may take 200 µs.</summary>
public class SqliteLevel
{
    private const int Entries = 10_000;
    private const int PayloadBytes = 2_048;

    private readonly string _folder = Directory.CreateTempSubdirectory("harbor-").FullName;
    private SqliteCacheLevel _level = null!;
    private CacheItem _item = null!;
    private int _number;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _level = Open(Path.Combine(_folder, "cache.db"));
        byte[] payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _item = new CacheItem(payload, now, now + TimeSpan.FromDays(1), []);
        await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => _level.SetAsync(KeyOf(i), _item, default).AsTask()));
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _level.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Far apart, so that not every look-up is of the pages of the one before.
    [Benchmark(Baseline = true)]
    public async Task<CacheItem?> Hit() => await _level.GetAsync(KeyOf(_number = (_number + 7_919) % Entries), default);

    [Benchmark]
    public async Task<CacheItem?> Miss() => await _level.GetAsync("chat:openai/gpt-5-mini:absent", default);

    /// <summary>One write at a time, each a transaction: calls do not wait for it.</summary>
    [Benchmark]
    public async Task Write() => await _level.SetAsync(KeyOf(_number = (_number + 7_919) % Entries), _item, default);

    private static SqliteCacheLevel Open(string path) => new(path);

    private static string KeyOf(int number) => $"chat:openai/gpt-5-mini:n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwC{number:D4}";
}
