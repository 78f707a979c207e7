using System.Collections;

namespace HarborClient;

/// <summary>What was spent in some time, in rows; the dearest first, days in their order. Immutable.</summary>
public sealed class CostReport : IReadOnlyList<CostRow>
{
    private readonly IReadOnlyList<CostRow> _rows;

    internal CostReport(IReadOnlyList<CostRow> rows, CostRow total, DateTimeOffset? knownSince)
    {
        _rows = rows;
        Total = total;
        KnownSince = knownSince;
    }

    /// <summary>Everything together, every call once.</summary>
    public CostRow Total { get; }

    /// <summary>Since when the ledger knows everything; <see langword="null"/> when nothing was dropped from it. A report that begins earlier lacks what was.</summary>
    public DateTimeOffset? KnownSince { get; }

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public CostRow this[int index] => _rows[index];

    /// <inheritdoc/>
    public IEnumerator<CostRow> GetEnumerator() => _rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
