using System.Globalization;
using HarborClient.Costs;

namespace HarborClient;

/// <summary>The time in which a budget may be spent. Immutable.</summary>
public abstract class BudgetWindow
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private protected BudgetWindow()
    {
    }

    /// <summary>All time: it is never filled up again while the process lives, or while its store keeps it.</summary>
    public static BudgetWindow Total { get; } = new CalendarWindow(CalendarUnit.Ever, TimeZoneInfo.Utc);

    /// <summary>From midnight to midnight.</summary>
    /// <param name="timeZone">Whose midnight.</param>
    /// <returns>The window.</returns>
    public static BudgetWindow CalendarDay(TimeZoneInfo timeZone) => Calendar(CalendarUnit.Day, timeZone);

    /// <summary>From Monday to Monday.</summary>
    /// <param name="timeZone">Whose midnight.</param>
    /// <returns>The window.</returns>
    public static BudgetWindow CalendarWeek(TimeZoneInfo timeZone) => Calendar(CalendarUnit.Week, timeZone);

    /// <summary>From the first of a month to the first of the next.</summary>
    /// <param name="timeZone">Whose midnight.</param>
    /// <returns>The window.</returns>
    public static BudgetWindow CalendarMonth(TimeZoneInfo timeZone) => Calendar(CalendarUnit.Month, timeZone);

    /// <summary>The time before each moment. What was spent counts for the length of the window and up to a sixtieth more.</summary>
    /// <param name="length">How long.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 min to 366 days.</exception>
    public static BudgetWindow Rolling(TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Longest);
        return new RollingWindow(length);
    }

    /// <summary>What it is called in reports and stores.</summary>
    public abstract override string ToString();

    /// <summary>Whether processes can share it: whether it ends for all of them at once.</summary>
    internal abstract bool CanBeShared { get; }

    /// <summary>A counter of what is spent in it.</summary>
    internal abstract SpendCounter CreateCounter();

    /// <summary>A moment before which nothing counts any more; it may be earlier than needed.</summary>
    internal abstract DateTimeOffset ReachesBackTo(DateTimeOffset now);

    private static CalendarWindow Calendar(CalendarUnit unit, TimeZoneInfo timeZone)
    {
        ArgumentNullException.ThrowIfNull(timeZone);
        return new CalendarWindow(unit, timeZone);
    }

    private sealed class CalendarWindow(CalendarUnit unit, TimeZoneInfo timeZone) : BudgetWindow
    {
        public override string ToString() => unit == CalendarUnit.Ever ? "ever" : string.Create(CultureInfo.InvariantCulture, $"{unit} in {timeZone.Id}");

        internal override bool CanBeShared => true;

        internal override SpendCounter CreateCounter() => new CalendarCounter(unit, timeZone);

        // A day more than the longest of its kind: days of other time zones begin earlier.
        internal override DateTimeOffset ReachesBackTo(DateTimeOffset now) => unit switch
        {
            CalendarUnit.Day => now.AddDays(-2),
            CalendarUnit.Week => now.AddDays(-8),
            CalendarUnit.Month => now.AddDays(-32),
            _ => DateTimeOffset.MinValue,
        };
    }

    private sealed class RollingWindow(TimeSpan length) : BudgetWindow
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"the last {length}");

        internal override bool CanBeShared => false;

        internal override SpendCounter CreateCounter() => new RollingCounter(length);

        internal override DateTimeOffset ReachesBackTo(DateTimeOffset now) => now - (2 * length);
    }
}
