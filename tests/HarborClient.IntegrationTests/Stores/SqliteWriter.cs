using System.Diagnostics;
using System.Globalization;

namespace HarborClient.IntegrationTests.Stores;

// A process that writes numbered entries, four at a time, and says of each when it was told that it is kept.
internal sealed class SqliteWriter : IDisposable
{
    internal const string Name = "sqlite-writer";

    private const int Writers = 4;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private SqliteWriter(Process process) => _process = process;

    /// <summary>Starts it; it waits until it is told to write.</summary>
    internal static SqliteWriter Start(string path) => new(TestPrograms.Start(Name, path));

    internal static string KeyOf(int number) => $"chat:lab/model:{number}";

    internal static byte[] PayloadOf(int number) => SqliteStore.Bytes(100 + (number * 37 % 6_000), number);

    /// <summary>Has it write from a number on.</summary>
    internal async Task WriteAsync(int first)
    {
        await _process.StandardInput.WriteLineAsync($"{first}");
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The next entry that it knows to be kept; null when it has ended.</summary>
    internal async Task<int?> KeptAsync()
    {
        using var guard = new CancellationTokenSource(Guard);
        string? line = await _process.StandardOutput.ReadLineAsync(guard.Token);
        return line is null ? null : int.Parse(line, CultureInfo.InvariantCulture);
    }

    /// <summary>As kill -9 does.</summary>
    /// <returns>The entries that it had said before, and were not read yet.</returns>
    internal async Task<List<int>> KillAsync()
    {
        _process.Kill();
        var said = new List<int>();
        while (await KeptAsync() is { } number) said.Add(number);
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
        return said;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>The other process.</summary>
    internal static async Task RunAsync(string path)
    {
        int next = int.Parse(Console.ReadLine()!, CultureInfo.InvariantCulture) - 1;
        await using var level = new SqliteCacheLevel(path);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteOnAsync()));

        async Task WriteOnAsync()
        {
            while (true)
            {
                int number = Interlocked.Increment(ref next);
                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                await level.SetAsync(KeyOf(number), new CacheItem(PayloadOf(number), now, now + TimeSpan.FromDays(1), [$"tag{number % 10}"]), default);
                Console.WriteLine($"{number}");
            }
        }
    }
}
