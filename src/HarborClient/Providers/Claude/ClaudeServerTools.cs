using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// Tools that Claude knows by a dated type. Microsoft.Extensions.AI's own get the type that most models take; <c>AdditionalProperties["type"]</c> of any
/// tool names another, and what else is in there becomes its members. That way a function, too, stands for one of Claude's client tools (memory, bash,
/// text editor, computer).
/// </summary>
internal static class ClaudeServerTools
{
    private const string Bearer = "Bearer ";

    /// <summary>The type of a tool that is written with one; null for a plain function.</summary>
    internal static string? TypeOf(AITool tool)
    {
        if (tool.AdditionalProperties.TryGetValue("type", out object? type) && (type as string ?? (type as JsonElement?)?.ToString()) is { Length: > 0 } given) return given;
        return tool switch
        {
            HostedWebSearchTool => "web_search_20250305",
            HostedCodeInterpreterTool => "code_execution_20250825",
            _ => null,
        };
    }

    internal static bool IsKnown(AITool tool) => tool is HostedMcpServerTool || TypeOf(tool) is not null;

    internal static void Write(Utf8JsonWriter json, Call attempt, AITool tool)
    {
        json.WriteString("type"u8, TypeOf(tool));
        if (!tool.AdditionalProperties.ContainsKey("name")) json.WriteString("name"u8, NameOf(tool));
        foreach ((string name, object? value) in tool.AdditionalProperties)
        {
            if (name is "type" or "cache_control") continue;
            json.WritePropertyName(name);
            RequestMembers.WriteValue(json, value, $"AdditionalProperties['{name}'] of a tool", attempt.Services.Json);
        }

        if (tool is HostedCodeInterpreterTool { Inputs.Count: > 0 })
            Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "HostedCodeInterpreterTool.Inputs", "its code execution takes files from messages only");
    }

    /// <summary>The tools of a server that <see cref="WriteServers"/> names.</summary>
    internal static void WriteToolset(Utf8JsonWriter json, HostedMcpServerTool server)
    {
        if (server.ApprovalMode is not null and not HostedMcpServerToolNeverRequireApprovalMode)
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                "HostedMcpServerTool.ApprovalMode must be NeverRequire or unset at Claude, which calls the server's tools without asking.");
        json.WriteString("type"u8, "mcp_toolset"u8);
        json.WriteString("mcp_server_name"u8, server.ServerName);
        if (server.AllowedTools is not { } allowed) return;
        json.WriteStartObject("default_config"u8);
        json.WriteBoolean("enabled"u8, false);
        json.WriteEndObject();
        json.WriteStartObject("configs"u8);
        foreach (string tool in allowed)
        {
            json.WriteStartObject(tool);
            json.WriteBoolean("enabled"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    internal static void WriteServers(Utf8JsonWriter json, Call attempt, IList<AITool> tools)
    {
        json.WriteStartArray("mcp_servers"u8);
        foreach (AITool tool in tools)
        {
            if (tool is HostedMcpServerTool server) WriteServer(json, attempt, server);
        }

        json.WriteEndArray();
    }

    private static void WriteServer(Utf8JsonWriter json, Call attempt, HostedMcpServerTool server)
    {
        if (!Uri.TryCreate(server.ServerAddress, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttps)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "HostedMcpServerTool.ServerAddress must be an https address at Claude.");
        json.WriteStartObject();
        json.WriteString("type"u8, "url"u8);
        json.WriteString("url"u8, server.ServerAddress);
        json.WriteString("name"u8, server.ServerName);
        foreach ((string name, string value) in server.Headers ?? new Dictionary<string, string>())
        {
            bool isToken = name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
            if (isToken) json.WriteString("authorization_token"u8, value.AsSpan(Bearer.Length));
            else Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "HostedMcpServerTool.Headers", "it passes on a bearer token only");
        }

        json.WriteEndObject();
    }

    /// <summary>Anthropic's names go with its types; a tool of the caller's own keeps its name.</summary>
    private static string NameOf(AITool tool) => tool switch
    {
        HostedWebSearchTool => "web_search",
        HostedCodeInterpreterTool => "code_execution",
        _ => tool.Name,
    };
}
