namespace HarborClient;

/// <summary>What a <see cref="CostAlert"/> is about.</summary>
public enum CostAlertKind
{
    /// <summary>A budget has passed one of its thresholds (<see cref="BudgetOptions.Thresholds"/>).</summary>
    BudgetThreshold,

    /// <summary>More was spent than is usual: in a week, or in an hour.</summary>
    UnusualSpend,

    /// <summary>A model was used for the first time that is dear.</summary>
    ExpensiveModel,

    /// <summary>A model was used for the first time whose price is not known.</summary>
    UnpricedModel,
}
