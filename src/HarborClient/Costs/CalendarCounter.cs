namespace HarborClient.Costs;

/// <summary>A window of the calendar. A slot is a window: its end in ticks.</summary>
internal sealed class CalendarCounter(CalendarUnit unit, TimeZoneInfo timeZone) : SpendCounter
{
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private DateTimeOffset _ends = DateTimeOffset.MinValue;

    internal override bool KeepsReserved => false;

    internal override DateTimeOffset? ResetsAt => _ends == Never ? null : _ends;

    internal override long? SlotOf(DateTimeOffset at) => EndOf(at) == _ends ? Slot : null;

    internal override bool MoveTo(DateTimeOffset now)
    {
        if (now < _ends) return false;
        bool isFirst = _ends == DateTimeOffset.MinValue;
        _ends = EndOf(now);
        Slot = _ends.UtcTicks;
        Spent = 0;
        return !isFirst;
    }

    internal override void Add(long slot, long nano)
    {
        if (slot == Slot) Spent = nano > long.MaxValue - Spent ? long.MaxValue : Spent + nano;
    }

    private DateTimeOffset EndOf(DateTimeOffset now)
    {
        if (unit == CalendarUnit.Ever) return Never;
        DateTime day = TimeZoneInfo.ConvertTime(now, timeZone).Date;
        DateTime next = unit switch
        {
            CalendarUnit.Day => day.AddDays(1),
            CalendarUnit.Week => day.AddDays(7 - (((int)day.DayOfWeek + 6) % 7)),
            _ => new DateTime(day.Year, day.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1),
        };

        // Where the clocks are put forward at midnight there is none that day: it begins when they have been.
        while (timeZone.IsInvalidTime(next)) next = next.AddMinutes(15);
        return new DateTimeOffset(next, timeZone.GetUtcOffset(next)).ToUniversalTime();
    }
}
