namespace HarborClient.Pipeline;

/// <summary>Holds calls to their budgets. A client without budgets has none. Thread-safe.</summary>
internal interface ISpendGuard
{
    /// <summary>Reserves the most that an attempt can cost, before it is sent.</summary>
    /// <param name="attempt">The attempt; its request is written.</param>
    /// <param name="bodyBytes">The length of the request.</param>
    /// <param name="maxOutputTokens">The maximum of output tokens that the request asks for; null where it leaves that to the model.</param>
    /// <param name="thinks">Whether its answer may have a part that is paid for and not seen.</param>
    /// <returns>Whether the attempt has another maximum now (<see cref="Call.MaxOutputTokens"/>), and its request must be written again.</returns>
    /// <exception cref="HarborException">It does not fit (<see cref="ErrorKind.Budget"/>), or what it can cost has no bound.</exception>
    ValueTask<bool> AdmitAsync(Call attempt, long bodyBytes, int? maxOutputTokens, bool thinks);

    /// <summary>Whether a target charges less than another.</summary>
    bool IsCheaper(Target target, Target than);

    /// <summary>The targets in the order in which the call's budgets want them asked.</summary>
    IReadOnlyList<Target> Order(Call call, IReadOnlyList<Target> targets);
}
