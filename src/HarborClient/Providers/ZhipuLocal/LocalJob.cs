using HarborClient.Errors;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>How a service's jobs are followed, validated and copied. Immutable.</summary>
internal sealed record LocalJob(JsonPointer Id, JsonPointer Status, JsonPointer Video, JsonPointer? Cover, string[] Succeeded, string[] Failed)
{
    private static readonly string[] UsualSuccess = ["SUCCESS", "SUCCEEDED", "COMPLETED", "DONE"];
    private static readonly string[] UsualFailure = ["FAIL", "FAILED", "ERROR", "CANCELLED"];

    internal static LocalJob From(ZhipuLocalJobOptions options, string setting)
    {
        string[] succeeded = options.Succeeded.Count > 0 ? [.. options.Succeeded] : UsualSuccess;
        string[] failed = options.Failed.Count > 0 ? [.. options.Failed] : UsualFailure;
        if (succeeded.Intersect(failed, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } both)
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting}: the state '{ErrorFactory.Quote(both, 40)}' is in Succeeded and in Failed.");
        return new LocalJob(
            JsonPointer.Parse(options.Id ?? "", $"{setting}.Id"),
            JsonPointer.Parse(options.Status ?? "", $"{setting}.Status"),
            JsonPointer.Parse(options.Video ?? "", $"{setting}.Video"),
            options.Cover is null ? null : JsonPointer.Parse(options.Cover, $"{setting}.Cover"),
            succeeded,
            failed);
    }

    internal JobStatus StandingOf(string? word) =>
        word is null ? JobStatus.Running
        : Succeeded.Contains(word, StringComparer.OrdinalIgnoreCase) ? JobStatus.Succeeded
        : Failed.Contains(word, StringComparer.OrdinalIgnoreCase) ? JobStatus.Failed
        : JobStatus.Running;
}
