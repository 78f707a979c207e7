using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>Tells of days that are over: to those who listen, and as a file. Used by one round at a time.</summary>
internal sealed class DayReports(CostReports costs, string? folder, ILogger logger)
{
    /// <summary>Lines of a file: one for each combination of what calls differ in. Of more, the last are without user, tenant and labels.</summary>
    private const int MostLines = 1_000_000;

    internal bool IsWanted => folder is not null || costs.HasDayListeners;

    internal async Task ReportAsync(DateOnly day, CancellationToken cancellationToken)
    {
        if (!IsWanted) return;
        var from = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        try
        {
            // Both from one reading: a report by model, and lines of everything that calls differ in.
            var report = new CostGrouping(CostGroup.Model, null);
            var lines = new MemoryLedger(MostLines);
            await foreach (LedgerEntry entry in costs.EntriesAsync(from, from.AddDays(1), cancellationToken).ConfigureAwait(false))
            {
                report.Add(entry);
                lines.Append(entry with { At = from });
            }

            string? file = folder is null ? null : await WriteAsync(folder, day, lines.Read(from, from.AddDays(1)), cancellationToken).ConfigureAwait(false);
            costs.OnDayEnded(new CostDay(day, report.ToReport(costs.KnownSince), file), logger);
        }
        catch (Exception e)
        {
            // A client that ends reports no more.
            if (!cancellationToken.IsCancellationRequested) Log.DayNotReported(logger, day, e);
        }
    }

    /// <returns>The file; null where it could not be written.</returns>
    private async Task<string?> WriteAsync(string into, DateOnly day, LedgerEntry[] lines, CancellationToken cancellationToken)
    {
        string file = Path.Combine(into, FormattableString.Invariant($"harbor-costs-{day:yyyy-MM-dd}.csv"));
        string unfinished = $"{file}.{Path.GetRandomFileName()}";
        try
        {
            Directory.CreateDirectory(into);
            try
            {
                await File.WriteAllLinesAsync(unfinished, lines.Select(line => LedgerCsv.Line(line)).Prepend(LedgerCsv.Head), cancellationToken).ConfigureAwait(false);
                File.Move(unfinished, file, overwrite: true);
                return file;
            }
            finally
            {
                File.Delete(unfinished);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.DayNotWritten(logger, file, e);
            return null;
        }
    }
}
