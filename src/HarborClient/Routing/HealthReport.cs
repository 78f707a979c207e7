using System.Globalization;
using System.Text;
using HarborClient.Limits;
using HarborClient.Routing;

namespace HarborClient;

/// <summary>How a client's targets are doing. A snapshot; <see cref="ToString"/> shows it as a table.</summary>
public sealed class HealthReport
{
    private static readonly string[] Heads = ["target", "state", "again in", "weight", "in flight", "batch", "queued", "mean", "attempts", "failures", "extra"];

    private static readonly string[] VariantHeads = ["alias", "target", "role", "share", "calls", "errors", "skipped", "first update", "mean", "cost"];

    private HealthReport(IReadOnlyList<TargetStatus> targets, IReadOnlyList<VariantStatus> variants, IReadOnlyList<KeyStatus> keys)
    {
        Keys = keys;
        Targets = targets;
        Variants = variants;
    }

    /// <summary>Every target that an alias or a call has named, by name.</summary>
    public IReadOnlyList<TargetStatus> Targets { get; }

    /// <summary>How the targets of one alias do beside each other.</summary>
    /// <value>By alias, and in the order in which they were mapped, shadows last; only aliases that spread their calls (weights, <see cref="ModelMapBuilder.Balance"/>, canaries) or have shadows.</value>
    public IReadOnlyList<VariantStatus> Variants { get; }

    /// <summary>How much of their daily quotas the keys have used (<see cref="ProviderOptions.KeyQuota"/>); none for providers without quotas, or of whose models neither an alias nor a call has named one yet.</summary>
    public IReadOnlyList<KeyStatus> Keys { get; }

    internal static HealthReport Of(HealthTable table) =>
        new([.. table.All.Select(row => StatusOf(row.Health, row.Alias, row.Weight))], [.. table.Variants.Select(variant => variant.Status)], [.. table.Keys.Select(key => key.Status)]);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        AppendTable(text, [Heads, .. Targets.Select(CellsOf)], words: 2);
        if (Variants.Count == 0) return text.ToString();
        AppendTable(text.Append('\n'), [VariantHeads, .. Variants.Select(CellsOf)], words: 3);
        return text.ToString();
    }

    internal static string[] CellsOf(TargetStatus target) =>
    [
        target.Alias is null ? target.Target : $"{target.Target} ({target.Alias})",
        target.State switch { TargetState.Closed => "closed", TargetState.Open => "open", TargetState.HalfOpen => "half-open", _ => "cooling" },
        Seconds(target.AskedAgainIn),
        target.Weight?.ToString("0.###", CultureInfo.InvariantCulture) ?? "",
        target.MaximumInFlight is { } most ? $"{target.InFlight}/{most}" : Number(target.InFlight),
        target.SuggestedBatch is { } batch ? Number(batch) : "",
        Number(target.Queued),
        Seconds(target.MeanDuration),
        Number(target.Attempts),
        Number(target.Failures),
        Number(target.ExtraAttempts),
    ];

    internal static string[] CellsOf(VariantStatus variant) =>
    [
        variant.Alias,
        variant.Target,
        variant.Role switch { VariantRole.Stable => "stable", VariantRole.Canary => "canary", _ => "shadow" },
        variant.Share.ToString("0.###", CultureInfo.InvariantCulture),
        Number(variant.Calls),
        Number(variant.Errors),
        variant.Role == VariantRole.Shadow ? Number(variant.Skipped) : "",
        Seconds(variant.MeanTimeToFirstUpdate),
        Seconds(variant.MeanDuration),
        Costs(variant),
    ];

    private static string Costs(VariantStatus variant) => (variant.Cost > Money.Zero, variant.Unpriced > 0) switch
    {
        (false, false) => "",
        (true, false) => variant.Cost.ToString(),
        (false, true) => "unpriced",
        (true, true) => $"{variant.Cost} + {Number(variant.Unpriced)} unpriced",
    };

    /// <summary>Words to the left, figures to the right.</summary>
    private static void AppendTable(StringBuilder text, string[][] rows, int words)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            string line = string.Join("  ", row.Select((cell, column) => column < words ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
            text.Append(line.TrimEnd()).Append('\n');
        }
    }

    private static TargetStatus StatusOf(TargetHealth health, string? alias, double? weight)
    {
        TimeSpan? open = health.Breaker.OpenFor;
        TimeSpan? cool = health.CoolFor;
        return new TargetStatus
        {
            Target = health.Name,
            Alias = alias,
            State = open is null ? (cool is null ? TargetState.Closed : TargetState.Cooling) : health.Breaker.State == CircuitState.HalfOpen ? TargetState.HalfOpen : TargetState.Open,
            AskedAgainIn = open > cool || cool is null ? open : cool,
            Weight = weight,
            InFlight = health.InFlight,
            MaximumInFlight = health.MaximumInFlight,
            SuggestedBatch = health.SuggestedBatch,
            Queued = health.Queued,
            MeanDuration = health.Figures.MeanDuration,
            Attempts = health.Figures.Attempts,
            Failures = health.Figures.Failures,
            ExtraAttempts = health.ExtraAttempts,
        };
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan? span) => span is { } known ? known.TotalSeconds.ToString("0.0##", CultureInfo.InvariantCulture) + " s" : "";
}
