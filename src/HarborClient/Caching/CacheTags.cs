namespace HarborClient.Caching;

/// <summary>A call's labels as tags by which its answer can be removed.</summary>
internal static class CacheTags
{
    /// <summary>The label <c>name = value</c> is the tag <c>name=value</c>.</summary>
    internal static string[] Of(IReadOnlyDictionary<string, string>? labels) => labels is null ? [] : [.. labels.Select(label => $"{label.Key}={label.Value}")];
}
