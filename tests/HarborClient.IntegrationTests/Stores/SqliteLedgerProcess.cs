using System.Diagnostics;
using System.Globalization;

namespace HarborClient.IntegrationTests.Stores;

// A process that appends numbered entries, as many as it is told to, and says the number and the time of the last.
internal sealed class SqliteLedgerProcess : IDisposable
{
    internal const string Name = "sqlite-ledger";

    private const int MostWaiting = 2_000;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private SqliteLedgerProcess(Process process) => _process = process;

    internal static SqliteLedgerProcess Start(string path) => new(TestPrograms.Start(Name, path));

    internal static LedgerEntry Entry(long number, DateTimeOffset at, UInt128 process = default) => new()
    {
        Id = (process << 64) + (UInt128)(number + 1),
        At = at,
        Attempts = 1,
        Calls = 1,
        Provider = "lab",
        Model = $"model{number % 3}",
        Alias = "chat",
        Endpoint = "lab.test",
        Tags = "team=search",
        Tokens = new BilledTokens(number, PlainOutput: 1),
        Cost = new Money(number),
        PriceVersion = "2026-11-01",
    };

    internal static async Task<int> CountAsync(SqliteLedger ledger)
    {
        int count = 0;
        await foreach (LedgerEntry _ in ledger.ReadAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)) count++;
        return count;
    }

    /// <summary>Has it append so many from a number on.</summary>
    /// <returns>When the last was appended.</returns>
    internal async Task<DateTimeOffset> AppendAsync(long first, int count)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{first} {count}"));
        await _process.StandardInput.FlushAsync();
        using var guard = new CancellationTokenSource(Guard);
        string line = await _process.StandardOutput.ReadLineAsync(guard.Token) ?? throw new InvalidOperationException("The process ended by itself.");
        return new DateTimeOffset(long.Parse(line, CultureInfo.InvariantCulture), TimeSpan.Zero);
    }

    /// <summary>Has it dispose its ledger and end.</summary>
    internal async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
    }

    /// <summary>As kill -9 does.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>The other process.</summary>
    internal static async Task RunAsync(string path)
    {
        await using var ledger = new SqliteLedger(path);
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            long first = long.Parse(words[0], CultureInfo.InvariantCulture), count = long.Parse(words[1], CultureInfo.InvariantCulture);
            DateTimeOffset at = default;
            for (long number = first; number < first + count; number++) ledger.Append(Entry(number, at = TimeProvider.System.GetUtcNow(), (UInt128)Environment.ProcessId));
            Console.WriteLine(at.UtcTicks);

            // No faster than the file takes them: who appends more than the disk can write has more to lose.
            while (ledger.Waiting > MostWaiting) await Task.Yield();
        }
    }
}
