namespace HarborClient;

/// <summary>How a call, or one attempt of it, ended.</summary>
/// <param name="Status">Success, or the way it did not succeed.</param>
/// <param name="Error">The error, unless it succeeded or was left early.</param>
public readonly record struct CallOutcome(CallStatus Status, Exception? Error = null)
{
    internal static CallOutcome Succeeded => new(CallStatus.Succeeded);

    internal static CallOutcome Abandoned => new(CallStatus.Abandoned);

    internal static CallOutcome From(Exception error) =>
        new(error is OperationCanceledException ? CallStatus.Cancelled : CallStatus.Failed, error);
}
