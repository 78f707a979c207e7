using System.Runtime.CompilerServices;

namespace HarborClient.Tests.Costs;

// A ledger's store that outlives its clients, and fails or waits where a test says so.
internal sealed class ListLedger : ILedgerStore
{
    private readonly Lock _gate = new();
    private readonly List<LedgerEntry> _entries = [];

    public int Reads { get; private set; }

    public Exception? Failure { get; set; }

    public Exception? AppendFailure { get; set; }

    // Fails when so many entries were read.
    public int FailsAfter { get; set; }

    public TaskCompletionSource? Gate { get; set; }

    public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<LedgerEntry> Entries
    {
        get
        {
            lock (_gate) return [.. _entries];
        }
    }

    public static LedgerEntry Entry(DateTimeOffset at, decimal usd, string? tenant = null, string? tags = null, string provider = "openai", string model = "gpt-4o-mini") => new()
    {
        Id = 1,
        At = at,
        Attempts = 1,
        Calls = 1,
        Provider = provider,
        Model = model,
        Alias = model,
        Endpoint = "api.openai.com",
        Tenant = tenant,
        Tags = tags,
        Cost = Money.FromUsd(usd),
    };

    public void Append(in LedgerEntry entry)
    {
        if (AppendFailure is { } failure) throw failure;
        lock (_gate) _entries.Add(entry);
    }

    public async IAsyncEnumerable<LedgerEntry> ReadAsync(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Reads++;
        Reading.TrySetResult();
        if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
        int read = 0;
        foreach (LedgerEntry entry in Entries.Where(entry => entry.At >= from && entry.At < to).OrderBy(entry => entry.At))
        {
            if (Failure is { } late && read++ == FailsAfter) throw late;
            yield return entry;
        }

        if (Failure is { } failure) throw failure;
    }

    public bool IsDisposed { get; private set; }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    public override string ToString() => "/data/costs.db (UseListLedger)";
}
