using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace HarborClient.IntegrationTests.Stores;

// A process with a disk of its own, which is full or may only be read. It says what happened, line by line.
internal static class SqliteOnOwnMount
{
    internal const string Full = "sqlite-full-disk";
    internal const string FullLedger = "sqlite-full-disk-ledger";
    internal const string ReadOnly = "sqlite-read-only";

    private const int EntryBytes = 64 << 10;

    internal static Process StartOnSmallDisk(string folder, string name = Full) => Start("mount -t tmpfs -o size=8m none \"$1\" && exec \"$2\" \"$3\" \"$4\" \"$1\"", folder, name);

    internal static Process StartReadOnly(string folder) => Start("mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && exec \"$2\" \"$3\" \"$4\" \"$1\"", folder, ReadOnly);

    internal static async Task FillAsync(string folder)
    {
        string ballast = Path.Combine(folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[4 << 20]);
        await using var level = new SqliteCacheLevel(Path.Combine(folder, "cache.db"));
        int count = 0;
        Console.WriteLine($"full: {await FailureAsync(async () =>
        {
            for (; count < 1_000; count++) await SetAsync(level, count);
        })}");
        Console.WriteLine($"hits: {await CountAsync(level, count)}");

        File.Delete(ballast);
        for (int i = 0; i < 16; i++) await SetAsync(level, count++);
        Console.WriteLine($"well: {await CountAsync(level, count)}");
    }

    internal static async Task FillLedgerAsync(string folder)
    {
        string ballast = Path.Combine(folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[4 << 20]);
        await using var ledger = new SqliteLedger(Path.Combine(folder, "costs.db"));
        const int Count = 30_000;
        for (int i = 0; i < Count; i++) ledger.Append(SqliteLedgerProcess.Entry(i, TimeProvider.System.GetUtcNow()));
        Console.WriteLine($"full: {await FailureAsync(async () => await SqliteLedgerProcess.CountAsync(ledger))}");
        Console.WriteLine($"waiting: {ledger.Waiting > 0}, dropped: {ledger.Dropped}");

        File.Delete(ballast);
        int kept = await SqliteLedgerProcess.CountAsync(ledger);
        Console.WriteLine($"well: {(kept == Count ? "all" : $"{kept} of {Count}")}");
    }

    internal static async Task ReadAsync(string folder)
    {
        await using var level = new SqliteCacheLevel(Path.Combine(folder, "cache.db"));
        Console.WriteLine($"hit: {await FailureAsync(async () => await level.GetAsync("k", default))}");
        Console.WriteLine($"write: {await FailureAsync(() => SetAsync(level, 0))}");

        using Process remount = Process.Start("mount", ["-o", "remount,bind,rw", folder]);
        await remount.WaitForExitAsync();
        await SetAsync(level, 0);
        Console.WriteLine($"well: {await CountAsync(level, 1)}");
    }

    private static Process Start(string script, string folder, string name) =>
        Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--map-root-user", "--mount", "sh", "-c", script, "sh", folder, TestPrograms.Host, TestPrograms.Assembly, name])
        {
            RedirectStandardOutput = true,
        })!;

    private static async Task<string> FailureAsync(Func<Task> act)
    {
        try
        {
            await act();
            return "nothing";
        }
        catch (SqliteException e)
        {
            return $"SQLite {e.SqliteErrorCode}";
        }
    }

    private static Task SetAsync(SqliteCacheLevel level, int number)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return level.SetAsync($"k{number}", new CacheItem(SqliteStore.Bytes(EntryBytes, number), now, now + TimeSpan.FromDays(1), []), default).AsTask();
    }

    private static async Task<string> CountAsync(SqliteCacheLevel level, int count)
    {
        int right = 0;
        for (int i = 0; i < count; i++)
        {
            if (await level.GetAsync($"k{i}", default) is { } item && item.Payload.Span.SequenceEqual(SqliteStore.Bytes(EntryBytes, i))) right++;
        }

        return right == count ? "all" : $"{right} of {count}";
    }
}
