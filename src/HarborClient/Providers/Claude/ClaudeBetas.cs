using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

// Hot path: looks at every content of every request. By index: a list's enumerator behind its interface is an object.

/// <summary>The beta features a request asks for, in the header <c>anthropic-beta</c>.</summary>
internal static class ClaudeBetas
{
    /// <summary>The member of AdditionalProperties that names more of them; it never reaches the body.</summary>
    internal const string Member = "betas";

    private const string Files = "files-api-2025-04-14";
    private const string CodeExecution = "code-execution-2025-08-25";
    private const string Mcp = "mcp-client-2025-11-20";

    /// <summary>The header's value, or null where nothing is asked for.</summary>
    internal static string? Of(Call attempt, ClaudeSettings settings)
    {
        List<string>? betas = settings.Betas.Count > 0 ? [.. settings.Betas] : null;
        if (attempt.Request.RawRepresentation is JsonObject raw && raw.TryGetPropertyValue(Member, out JsonNode? given)) AddGiven(ref betas, given);
        if (attempt.Options?.AdditionalProperties?.TryGetValue(Member, out object? own) == true) AddGiven(ref betas, own);
        IList<AITool>? tools = attempt.Options?.Tools;
        for (int i = 0; i < tools?.Count; i++)
        {
            if (tools[i] is HostedCodeInterpreterTool) Add(ref betas, CodeExecution);
            else if (tools[i] is HostedMcpServerTool) Add(ref betas, Mcp);
        }

        if (HasFiles(attempt)) Add(ref betas, Files);
        return betas is null ? null : string.Join(',', betas);
    }

    /// <summary>Refuses what would break the header.</summary>
    internal static void Check(string? beta, ErrorKind kind, string setting)
    {
        if (!string.IsNullOrEmpty(beta) && beta.All(c => c is > ' ' and <= '~' and not ',')) return;
        throw ErrorFactory.Setting(kind, $"{setting} has a name of a beta feature that is empty, or has a character other than visible ASCII, or a comma.");
    }

    private static bool HasFiles(Call attempt)
    {
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            IList<AIContent> contents = attempt.Messages[i].Contents;
            for (int j = 0; j < contents.Count; j++)
            {
                if (contents[j] is HostedFileContent) return true;
            }
        }

        return false;
    }

    private static void AddGiven(ref List<string>? betas, object? given)
    {
        switch (given)
        {
            case null or JsonElement { ValueKind: JsonValueKind.Null }: break;
            case string text: AddChecked(ref betas, text); break;
            case JsonElement { ValueKind: JsonValueKind.String } text: AddChecked(ref betas, text.GetString()); break;
            case JsonValue value when value.TryGetValue(out string? text): AddChecked(ref betas, text); break;
            case IEnumerable<string> texts:
                foreach (string text in texts) AddChecked(ref betas, text);
                break;
            case JsonElement { ValueKind: JsonValueKind.Array } array:
                foreach (JsonElement text in array.EnumerateArray()) AddChecked(ref betas, text.ValueKind == JsonValueKind.String ? text.GetString() : null);
                break;
            case JsonArray array:
                foreach (JsonNode? text in array) AddChecked(ref betas, text is JsonValue value && value.TryGetValue(out string? name) ? name : null);
                break;
            default:
                throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"AdditionalProperties['{Member}'] must be a text or a list of texts (was {given.GetType().Name}).");
        }
    }

    private static void AddChecked(ref List<string>? betas, string? beta)
    {
        Check(beta, ErrorKind.InvalidRequest, $"AdditionalProperties['{Member}']");
        Add(ref betas, beta!);
    }

    private static void Add(ref List<string>? betas, string beta)
    {
        betas ??= [];
        if (!betas.Contains(beta)) betas.Add(beta);
    }
}
