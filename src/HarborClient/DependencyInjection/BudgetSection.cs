using System.Globalization;
using HarborClient.Errors;

namespace HarborClient.DependencyInjection;

/// <summary>One of the Budgets section, under its name.</summary>
internal sealed class BudgetSection
{
    private const string Rolling = "rolling ";

    /// <summary>In US dollars.</summary>
    public decimal? Limit { get; set; }

    /// <summary>day, week, month, total, or "rolling 01:00:00".</summary>
    public string? Window { get; set; }

    /// <summary>The name of the time zone of a calendar window; UTC where there is none.</summary>
    public string? TimeZone { get; set; }

    public string? Tenant { get; set; }

    public string? User { get; set; }

    public Dictionary<string, string> Tags { get; } = [];

    public string? Provider { get; set; }

    public string? Model { get; set; }

    public BudgetEach? Each { get; set; }

    public bool? IsHard { get; set; }

    public List<double>? Thresholds { get; set; }

    public double? PreferCheapestFrom { get; set; }

    internal void ApplyTo(HarborBuilder builder, string name)
    {
        decimal limit = Limit ?? throw Wrong(name, nameof(Limit), "is missing: give the most that may be spent, in US dollars");
        if (limit is < 0 or > 1_000_000_000) throw Wrong(name, nameof(Limit), FormattableString.Invariant($"must be more than 0, and 1,000,000,000 at most (was {limit})"));
        builder.AddBudget(name, Money.FromUsd(limit), options =>
        {
            if (WindowOf(name) is { } window) options.Window = window;
            options.Tenant = Tenant;
            options.User = User;
            foreach ((string tag, string value) in Tags) options.Tags[tag] = value;
            options.Provider = Provider;
            options.Model = Model;
            options.Each = Each ?? options.Each;
            options.IsHard = IsHard ?? options.IsHard;
            options.PreferCheapestFrom = PreferCheapestFrom;
            if (Thresholds is null) return;
            options.Thresholds.Clear();
            foreach (double threshold in Thresholds) options.Thresholds.Add(threshold);
        });
    }

    private BudgetWindow? WindowOf(string name)
    {
        string word = Window?.Trim().ToLowerInvariant() ?? "";
        bool isCalendar = word is "" or "day" or "week" or "month";
        if (TimeZone is not null && !isCalendar) throw Wrong(name, nameof(TimeZone), "is for the windows day, week and month");
        if (word.Length == 0 && TimeZone is null) return null;
        return word switch
        {
            "day" => BudgetWindow.CalendarDay(Zone(name)),
            "week" => BudgetWindow.CalendarWeek(Zone(name)),
            "" or "month" => BudgetWindow.CalendarMonth(Zone(name)),
            "total" => BudgetWindow.Total,
            _ when word.StartsWith(Rolling, StringComparison.Ordinal) => RollingOf(name, word[Rolling.Length..]),
            _ => throw Wrong(name, nameof(Window), $"must be day, week, month, total, or rolling with a duration, as in 'rolling 01:00:00' (was '{ErrorFactory.Quote(Window!, 100)}')"),
        };
    }

    private static BudgetWindow RollingOf(string name, string text)
    {
        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan length))
            throw Wrong(name, nameof(Window), $"must have a duration after 'rolling', as in 'rolling 01:00:00' or 'rolling 7.00:00:00' (was '{ErrorFactory.Quote(text, 100)}')");
        try
        {
            return BudgetWindow.Rolling(length);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw Wrong(name, nameof(Window), $"must be 1 min to 366 days long (was {length})", e);
        }
    }

    private TimeZoneInfo Zone(string name)
    {
        if (TimeZone is null) return TimeZoneInfo.Utc;
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw Wrong(name, nameof(TimeZone), $"must be a time zone that the system knows, as in 'Europe/Berlin' (was '{ErrorFactory.Quote(TimeZone, 100)}')", e);
        }
    }

    private static HarborException Wrong(string name, string setting, string what, Exception? inner = null) =>
        ErrorFactory.Setting(ErrorKind.Configuration, $"Budgets:{name}:{setting} {what}.", inner);
}
