namespace HarborClient.Providers.Gemini;

/// <summary>Ids of tool calls. Models before Gemini 3 give none; ours hold the history together here, and never reach the wire.</summary>
internal static class GeminiCallIds
{
    private const string Prefix = "harbor_call_";

    internal static string New() => $"{Prefix}{Guid.NewGuid():N}";

    /// <summary>Whether the id came from a model, this one or another.</summary>
    internal static bool IsReal(string id) => id.Length > 0 && !id.StartsWith(Prefix, StringComparison.Ordinal);
}
