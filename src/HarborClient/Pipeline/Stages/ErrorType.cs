namespace HarborClient.Pipeline.Stages;

/// <summary>The value of <c>error.type</c>.</summary>
internal static class ErrorType
{
    /// <summary>The kind of the error, or how the caller left; null for a success.</summary>
    internal static string? Of(CallOutcome outcome) => outcome.Status switch
    {
        CallStatus.Succeeded => null,
        CallStatus.Failed => (outcome.Error as HarborException)?.Kind.ToString() ?? outcome.Error?.GetType().FullName,
        _ => outcome.Status.ToString(),
    };
}
