using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>A hard budget (<see cref="HarborBuilder.AddBudget"/>) does not cover the call, or what was left of it did not cover the whole answer.</summary>
public class BudgetExceededException : HarborException
{
    /// <summary>Creates the error.</summary>
    /// <param name="status">How the budget stood.</param>
    /// <param name="message">What happened, and the setting that would change it.</param>
    public BudgetExceededException(BudgetStatus status, string message)
        : base(ErrorKind.Budget, message)
    {
        ArgumentNullException.ThrowIfNull(status);
        Status = status;
    }

    /// <summary>The budget's limit.</summary>
    public Money Limit => Status.Limit;

    /// <summary>What was spent in its present window.</summary>
    public Money Spent => Status.Spent;

    /// <summary>What calls that were under way might still spend.</summary>
    public Money Reserved => Status.Reserved;

    /// <summary>When money comes back; <see langword="null"/> for never.</summary>
    public DateTimeOffset? ResetsAt => Status.ResetsAt;

    /// <summary>What had arrived of an answer that was ended; <see langword="null"/> where nothing was sent.</summary>
    public ChatResponse? Partial { get; internal set; }

    /// <summary>How the budget stood.</summary>
    public BudgetStatus Status { get; }

    private protected override HarborException New() => new BudgetExceededException(Status, Message) { Partial = Partial, RetryAfter = RetryAfter };
}
