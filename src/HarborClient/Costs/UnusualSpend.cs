using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>Reads anew what each hour cost, and compares hours with those of days before, and weeks with weeks before. One caller at a time.</summary>
internal sealed class UnusualSpend(CostReports costs, CostAlerts alerts, Money floor, TimeProvider time, ILogger logger)
{
    private const int HoursPerDay = 24;

    // The first hour of all times, in the year 1, was a Monday's.
    private const int HoursPerWeek = 7 * HoursPerDay;
    private const int DaysBefore = 7;
    private const int FewestDays = 3;
    private const int WeeksBefore = 4;
    private const int HourFactor = 3;
    private const int WeekFactor = 2;

    // What each hour cost, of four weeks and the present one.
    private readonly Dictionary<long, long> _nanoByHour = [];
    private long _readUpTo;

    // Hours that are over and have not been compared; more than one where the ledger could not be read.
    private readonly Queue<long> _ended = new();
    private long _toldWeek = -1;

    internal async Task CheckAsync(long ended, CancellationToken cancellationToken)
    {
        _ended.Enqueue(ended);
        if (_ended.Count > HoursPerDay) _ended.Dequeue();
        try
        {
            await ReadUpToAsync(ended + 1, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // With the next hour it is read from where it ended, and this one compared; a client that ends needs it no more.
            if (!cancellationToken.IsCancellationRequested) Log.UnusualSpendUnknown(logger, e);
            return;
        }

        if (_nanoByHour.Count == 0) return;
        long firstKnown = _nanoByHour.Keys.Min();
        while (_ended.TryDequeue(out long hour)) CheckHour(hour, firstKnown);
        CheckWeek(ended / HoursPerWeek, firstKnown);
    }

    private async Task ReadUpToAsync(long hour, CancellationToken cancellationToken)
    {
        long keep = (((hour - 1) / HoursPerWeek) - WeeksBefore) * HoursPerWeek;
        var read = new Dictionary<long, long>();
        await foreach (LedgerEntry entry in costs.EntriesAsync(At(Math.Max(keep, _readUpTo)), At(hour), cancellationToken).ConfigureAwait(false))
        {
            long of = entry.At.UtcTicks / TimeSpan.TicksPerHour;
            read[of] = Sum(read.GetValueOrDefault(of), entry.Cost.NanoUsd);
        }

        foreach ((long of, long nano) in read) _nanoByHour[of] = nano;
        foreach (long old in _nanoByHour.Keys.Where(old => old < keep).ToArray()) _nanoByHour.Remove(old);
        _readUpTo = hour;
    }

    private void CheckHour(long hour, long firstKnown)
    {
        long spent = _nanoByHour.GetValueOrDefault(hour);
        long[] before = [.. Enumerable.Range(1, DaysBefore).Select(day => hour - (day * HoursPerDay)).Where(known => known >= firstKnown).Select(known => _nanoByHour.GetValueOrDefault(known))];
        if (before.Length < FewestDays || spent < floor.NanoUsd || (Int128)spent * before.Length <= HourFactor * SumOf(before)) return;
        Raise(FormattableString.Invariant($"The hour from {At(hour).UtcDateTime:yyyy-MM-dd HH:mm} UTC cost {new Money(spent)}, more than {HourFactor} times what the same hour of the {before.Length} days before cost on average ({Mean(before)})."));
    }

    private void CheckWeek(long week, long firstKnown)
    {
        long spent = OfWeek(week);
        long[] before = [.. Enumerable.Range(1, WeeksBefore).Select(back => OfWeek(week - back))];
        bool knowsAll = firstKnown / HoursPerWeek <= week - WeeksBefore;
        if (_toldWeek == week || !knowsAll || spent < floor.NanoUsd || (Int128)spent * WeeksBefore <= WeekFactor * SumOf(before)) return;
        _toldWeek = week;
        Raise(FormattableString.Invariant($"The week from {At(week * HoursPerWeek).UtcDateTime:yyyy-MM-dd} has cost {new Money(spent)} so far, more than {WeekFactor} times what the {WeeksBefore} weeks before cost on average ({Mean(before)})."));
    }

    private long OfWeek(long week) => _nanoByHour.Where(hour => hour.Key / HoursPerWeek == week).Aggregate(0L, (sum, hour) => Sum(sum, hour.Value));

    private void Raise(string message) => alerts.Raise(new CostAlert(CostAlertKind.UnusualSpend, time.GetUtcNow(), message));

    private static Money Mean(long[] amounts) => new((long)(SumOf(amounts) / amounts.Length));

    private static Int128 SumOf(long[] amounts) => amounts.Aggregate(Int128.Zero, (sum, amount) => sum + amount);

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static DateTimeOffset At(long hour) => new(Math.Max(0, hour) * TimeSpan.TicksPerHour, TimeSpan.Zero);
}
