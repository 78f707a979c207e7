using HarborClient.Costs;

namespace HarborClient.Pipeline.Stages;

/// <summary>What an attempt asks its budgets for.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="Row">The price of its target.</param>
/// <param name="Bounds">What it can use at most, the answer aside.</param>
/// <param name="Asked">The maximum of output tokens that its request has; null where it leaves that to the model.</param>
/// <param name="Wanted">The maximum that it gets where there is room.</param>
/// <param name="IsLowered">Whether that is less than the model may be able to.</param>
/// <param name="IsHard">Whether a budget may refuse it.</param>
/// <param name="Thinks">Whether its host may write what is not seen.</param>
internal readonly record struct SpendAsk(Call Attempt, BudgetSubject Subject, PriceRow Row, SpendBounds Bounds, int? Asked, long Wanted, bool IsLowered, bool IsHard, bool Thinks)
{
    /// <summary>Whether it makes an answer that can be shorter.</summary>
    internal bool Answers => Attempt.Operation == CallOperation.Chat;
}
