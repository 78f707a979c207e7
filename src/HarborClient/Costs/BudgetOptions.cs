using HarborClient.Errors;

namespace HarborClient;

/// <summary>Which calls a budget is about, for how long, and what happens near its end. What is not set restricts nothing: without any, it is about all calls of the client.</summary>
public sealed class BudgetOptions
{
    /// <summary>The time in which the limit may be spent.</summary>
    /// <value>Default: the calendar month in UTC. In configuration a word: <c>day</c>, <c>week</c>, <c>month</c>, <c>total</c>, or <c>rolling 01:00:00</c>.</value>
    public BudgetWindow Window { get; set; } = BudgetWindow.CalendarMonth(TimeZoneInfo.Utc);

    /// <summary>Only calls of this tenant (<see cref="HarborChatOptions.Tenant"/>).</summary>
    /// <value>Default <see langword="null"/>: of all.</value>
    public string? Tenant { get; set; }

    /// <summary>Only calls of this user (<see cref="HarborChatOptions.User"/>).</summary>
    /// <value>Default <see langword="null"/>: of all.</value>
    public string? User { get; set; }

    /// <summary>Only calls with all of these labels (<see cref="HarborChatOptions.Tags"/>).</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, string> Tags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Only attempts at this provider, by its registered name.</summary>
    /// <value>Default <see langword="null"/>: at all. A name that no provider has is an error when the client is built.</value>
    public string? Provider { get; set; }

    /// <summary>Only attempts at this model, by its name at the provider: <c>gpt-4o</c>, with <see cref="Provider"/>, and not <c>openai/gpt-4o</c>.</summary>
    /// <value>Default <see langword="null"/>: at all.</value>
    public string? Model { get; set; }

    /// <summary>Whether everybody shares the limit, or each tenant or user has it for itself.</summary>
    /// <value>Default <see cref="BudgetEach.All"/>.</value>
    public BudgetEach Each { get; set; }

    /// <summary>Whether calls that do not fit are refused. A soft budget only reports.</summary>
    /// <value>Default <see langword="true"/>.</value>
    /// <remarks>
    /// A call reserves the most that it can cost before it is sent, and gives back what it did not cost: calls that run at the same time cannot spend more than the limit
    /// together. Set <see cref="Microsoft.Extensions.AI.ChatOptions.MaxOutputTokens"/>, so that each reserves little.
    /// A call that is left before its host has said what it used (cancelled, timed out, cut) counts with what had arrived; a plain one, and one whose thoughts are not shown,
    /// with all it had reserved, because the host may have written that much unseen.
    /// </remarks>
    public bool IsHard { get; set; } = true;

    /// <summary>Shares of the limit that are reported when they are passed.</summary>
    /// <value>Default 0.5, 0.8 and 0.9; each 0 to 1.</value>
    public IList<double> Thresholds { get; } = [0.5, 0.8, 0.9];

    /// <summary>From which share of the limit on calls go to the cheapest of their alias's targets first.</summary>
    /// <value>Default <see langword="null"/>: never; 0 to 1.</value>
    public double? PreferCheapestFrom { get; set; }

    internal BudgetOptions Validated(string name)
    {
        ArgumentNullException.ThrowIfNull(Window);
        SettingCheck.Defined<BudgetEach>(Each, $"Budgets.{name}.Each");
        foreach (double threshold in Thresholds) SettingCheck.Share(threshold, 0, 1, $"Budgets.{name}.Thresholds");
        if (PreferCheapestFrom is { } share) SettingCheck.Share(share, 0, 1, $"Budgets.{name}.PreferCheapestFrom");
        var copy = new BudgetOptions { Window = Window, Tenant = Tenant, User = User, Provider = Provider, Model = Model, Each = Each, IsHard = IsHard, PreferCheapestFrom = PreferCheapestFrom };
        foreach ((string tag, string value) in Tags) copy.Tags.Add(tag, value);
        copy.Thresholds.Clear();
        foreach (double threshold in Thresholds.Order()) copy.Thresholds.Add(threshold);
        return copy;
    }
}
