using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient.Services;

/// <summary>Errors of long jobs. Each names the job, so that it is not lost.</summary>
internal static class JobErrors
{
    internal static HarborJobException Failed(string model, string id, JobAnswer answer)
    {
        string reason = answer.Error is { } error ? $": {error.Message}" : " and gave no reason.";
        return Of(answer.Error?.Kind ?? ErrorKind.Provider, $"Job {id} of {model} ended as {ErrorFactory.Quote(answer.Word ?? "failed", 40)}{reason}", model, id, answer.Error, isTransient: false);
    }

    internal static HarborJobException OutOfTime(string model, string id, TimeSpan limit, HarborException? last)
    {
        string trouble = last is null ? "" : $" The last look at it failed: {last.Message}";
        return Of(ErrorKind.Timeout, $"Job {id} of {model} was still running after {limit}. It goes on: attach to it by its id, or raise JobOptions.Timeout.{trouble}", model, id, last, isTransient: true);
    }

    internal static HarborJobException NotSeen(string model, string id, HarborException cause) =>
        Of(cause.Kind, $"Job {id} of {model} cannot be watched any longer: {cause.Message}", model, id, cause, cause.IsTransient);

    internal static HarborJobException NoResult(string model, string id) =>
        Of(ErrorKind.Provider, $"Job {id} of {model} is said to have succeeded, and there is no result in the answer.", model, id, null, isTransient: false);

    private static HarborJobException Of(ErrorKind kind, string message, string model, string id, HarborException? cause, bool isTransient) => new(kind, message, id, cause)
    {
        IsTransient = isTransient,
        StatusCode = cause?.StatusCode,
        ProviderCode = cause?.ProviderCode,
        RequestId = cause?.RequestId,
        RetryAfter = cause?.RetryAfter,
        Attempts = cause?.Attempts ?? [],
        Provider = model[..model.IndexOf('/', StringComparison.Ordinal)],
        Model = model[(model.IndexOf('/', StringComparison.Ordinal) + 1)..],
    };
}
