namespace HarborClient;

/// <summary>Whether a budget is one for all its calls, or one for each of those who make them.</summary>
public enum BudgetEach
{
    /// <summary>One for all calls it is about.</summary>
    All,

    /// <summary>One for each tenant (<see cref="HarborChatOptions.Tenant"/>); calls without one share one.</summary>
    Tenant,

    /// <summary>One for each user (<see cref="HarborChatOptions.User"/>); calls without one share one.</summary>
    User,
}
