namespace HarborClient;

/// <summary>Something about money that somebody should know (<see cref="CostReports.Alert"/>). Immutable.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">When.</param>
/// <param name="Message">The whole story in a sentence.</param>
public sealed record CostAlert(CostAlertKind Kind, DateTimeOffset At, string Message)
{
    /// <summary>How the budget stood; for <see cref="CostAlertKind.BudgetThreshold"/>.</summary>
    public BudgetStatus? Budget { get; init; }

    /// <summary>The share of its limit that was passed; for <see cref="CostAlertKind.BudgetThreshold"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>The model, as <c>provider/model</c>, where it is about one.</summary>
    public string? Model { get; init; }
}
