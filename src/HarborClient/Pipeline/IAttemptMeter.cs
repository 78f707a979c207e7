namespace HarborClient.Pipeline;

/// <summary>Prices attempts, and writes down what they cost. Thread-safe.</summary>
internal interface IAttemptMeter
{
    /// <summary>An attempt that was sent has ended. Called once, before its completions run; its fold is readable. Must not block.</summary>
    void Settle(Call attempt, CallOutcome outcome);
}
