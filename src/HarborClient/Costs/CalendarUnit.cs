namespace HarborClient.Costs;

/// <summary>Where a calendar's windows begin.</summary>
internal enum CalendarUnit
{
    Ever,
    Day,
    Week,
    Month,
}
