namespace HarborClient;

/// <summary>A long job failed, or could not be watched to its end. The job's id allows to look at it again.</summary>
/// <remarks>
/// <see cref="HarborException.Kind"/> says what happened: Timeout when <see cref="JobOptions.Timeout"/> ran out while the job was still running,
/// ContentFiltered or Provider when the job itself failed, otherwise the kind of the look that failed.
/// </remarks>
public sealed class HarborJobException : HarborException
{
    internal HarborJobException(ErrorKind kind, string message, string jobId, Exception? innerException = null) : base(kind, message, innerException) => JobId = jobId;

    /// <summary>The job's id at its provider.</summary>
    public string JobId { get; }
}
