namespace HarborClient;

/// <summary>How one target of an alias does, beside the alias's others. A snapshot; all figures since the client was built, and of this alias's calls only.</summary>
public sealed class VariantStatus
{
    internal VariantStatus()
    {
    }

    /// <summary>The alias.</summary>
    public required string Alias { get; init; }

    /// <summary>Provider and model, as in <c>openai/gpt-4o-mini</c>.</summary>
    public required string Target { get; init; }

    /// <summary>What it is for the alias.</summary>
    public VariantRole Role { get; init; }

    /// <summary>The share of the alias's calls that ask it first, or, for a shadow, besides.</summary>
    /// <value>0 to 1; 0 for one that is asked only where others fail.</value>
    public double Share { get; init; }

    /// <summary>Calls that it answered: to the end, or until the caller left an answer that had begun.</summary>
    public long Calls { get; init; }

    /// <summary>
    /// Attempts at it that ended in an error, whether or not the call then went on to an answer: those of <see cref="TargetStatus.Failures"/> (no connection, no answer in time, a
    /// broken one, a 5xx), requests that it refused (4xx, 429, a rejected key, filtered content) or that cannot be put to it, and calls whose Total clock ran out while it was asked.
    /// </summary>
    /// <remarks>Calls that the caller cancelled before an answer began count nowhere, nor do those that got no permit: it was not asked.</remarks>
    public long Errors { get; init; }

    /// <summary>Calls that a shadow was not asked for although it was its turn, because it was left alone, its limit was in use, or too many shadows were under way.</summary>
    /// <value>0 for others than shadows.</value>
    public long Skipped { get; init; }

    /// <summary>From the request to the first piece of the answer, of the answers that were streamed.</summary>
    /// <value><see langword="null"/> while there was none.</value>
    public TimeSpan? MeanTimeToFirstUpdate { get; init; }

    /// <summary>From the request to the end of the answer.</summary>
    /// <value><see langword="null"/> while there was none.</value>
    public TimeSpan? MeanDuration { get; init; }

    /// <summary>What the alias's attempts at it cost, whatever became of them.</summary>
    /// <value>Without those that have no known price (<see cref="Unpriced"/>).</value>
    public Money Cost { get; init; }

    /// <summary>Attempts without a known price, which are not in <see cref="Cost"/>: all of them at an own host that has none.</summary>
    /// <value>A count.</value>
    public long Unpriced { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", HealthReport.CellsOf(this).Where(cell => cell.Length > 0));
}
