namespace HarborClient;

/// <summary>A day that is over (<see cref="CostReports.DayEnded"/>). Immutable.</summary>
/// <param name="Day">Which, in UTC.</param>
/// <param name="Report">What it cost, by model.</param>
/// <param name="File">The file that was written of it; <see langword="null"/> without <see cref="LedgerOptions.DailyReportFolder"/>, or where it could not be.</param>
public sealed record CostDay(DateOnly Day, CostReport Report, string? File);
