using System.Globalization;
using System.Text;
using HarborClient.Limits;
using HarborClient.Routing;

namespace HarborClient;

/// <summary>How a client's targets are doing. A snapshot; <see cref="ToString"/> shows it as a table.</summary>
public sealed class HealthReport
{
    private static readonly string[] Heads = ["target", "state", "again in", "weight", "in flight", "queued", "mean", "attempts", "failures", "extra"];

    private HealthReport(IReadOnlyList<TargetStatus> targets) => Targets = targets;

    /// <summary>Every target that an alias or a call has named, by name.</summary>
    public IReadOnlyList<TargetStatus> Targets { get; }

    internal static HealthReport Of(HealthTable table) => new([.. table.All.Select(row => StatusOf(row.Health, row.Alias, row.Weight))]);

    /// <inheritdoc/>
    public override string ToString()
    {
        string[][] rows = [Heads, .. Targets.Select(CellsOf)];
        int[] widths = [.. Heads.Select((_, column) => rows.Max(row => row[column].Length))];
        var table = new StringBuilder();
        foreach (string[] row in rows)
        {
            // Words to the left, figures to the right.
            string line = string.Join("  ", row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
            table.Append(line.TrimEnd()).Append('\n');
        }

        return table.ToString();
    }

    internal static string[] CellsOf(TargetStatus target) =>
    [
        target.Alias is null ? target.Target : $"{target.Target} ({target.Alias})",
        target.State switch { TargetState.Closed => "closed", TargetState.Open => "open", TargetState.HalfOpen => "half-open", _ => "cooling" },
        Seconds(target.OpensAgainIn),
        target.Weight?.ToString("0.###", CultureInfo.InvariantCulture) ?? "",
        target.MaximumInFlight is { } most ? $"{target.InFlight}/{most}" : Number(target.InFlight),
        Number(target.Queued),
        Seconds(target.MeanDuration),
        Number(target.Attempts),
        Number(target.Failures),
        Number(target.ExtraAttempts),
    ];

    private static TargetStatus StatusOf(TargetHealth health, string? alias, double? weight)
    {
        TimeSpan? open = health.Breaker.OpenFor;
        TimeSpan? cool = health.CoolFor;
        return new TargetStatus
        {
            Target = health.Name,
            Alias = alias,
            State = open is null ? (cool is null ? TargetState.Closed : TargetState.Cooling) : health.Breaker.State == CircuitState.HalfOpen ? TargetState.HalfOpen : TargetState.Open,
            OpensAgainIn = open > cool || cool is null ? open : cool,
            Weight = weight,
            InFlight = health.InFlight,
            MaximumInFlight = (int)health.Routes.Sum(route => Math.Floor(route.Limiter.Limit)),
            Queued = health.Routes.Sum(route => route.Limiter.Queued),
            MeanDuration = health.Figures.MeanDuration,
            Attempts = health.Figures.Attempts,
            Failures = health.Figures.Failures,
            ExtraAttempts = health.ExtraAttempts,
        };
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan? span) => span is { } known ? known.TotalSeconds.ToString("0.0##", CultureInfo.InvariantCulture) + " s" : "";
}
