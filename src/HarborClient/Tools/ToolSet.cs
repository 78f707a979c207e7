using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tools;

/// <summary>The tools of one call by name: those of its options first, then the additional ones.</summary>
internal sealed class ToolSet
{
    private const int MaxNameCharacters = 100;

    private readonly Dictionary<string, AITool> _tools = new(StringComparer.Ordinal);
    private readonly bool _stopsAtUnknown;
    private readonly ILogger _logger;

    internal ToolSet(ChatOptions? options, ToolInvocationOptions settings, ILogger logger)
    {
        _stopsAtUnknown = settings.TerminateOnUnknownCalls;
        _logger = logger;
        foreach (AITool tool in options?.Tools ?? []) Add(tool);
        foreach (AITool tool in settings.AdditionalTools) Add(tool);
    }

    internal static bool NeedsApproval(AITool? tool) => tool?.GetService(typeof(ApprovalRequiredAIFunction)) is not null;

    /// <summary>Marks calls as run here, so that nobody who invokes functions around this client runs them a second time.</summary>
    internal static void MarkAsRun(IEnumerable<AIContent> contents)
    {
        foreach (AIContent content in contents)
        {
            if (content is FunctionCallContent call) call.InformationalOnly = true;
        }
    }

    internal static string Shown(string name) => ErrorFactory.Quote(name, MaxNameCharacters);

    /// <summary>
    /// What becomes of the calls of an answer; null when the loop ends with it: nothing is called, or one of the calls is not ours to run (a declaration
    /// without a function, and unknown names where they end the loop).
    /// </summary>
    internal List<PlannedCall>? Plan(ChatResponse answer)
    {
        List<PlannedCall>? planned = null;
        foreach (ChatMessage message in answer.Messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is not FunctionCallContent { InformationalOnly: false } call) continue;
                bool isKnown = _tools.TryGetValue(call.Name, out AITool? tool);
                if (isKnown ? tool is not AIFunction : _stopsAtUnknown) return null;
                (planned ??= []).Add(Plan(call, tool as AIFunction));
            }
        }

        return planned;
    }

    /// <summary>What becomes of a call that is to be run.</summary>
    internal PlannedCall PlanOne(FunctionCallContent call) => Plan(call, _tools.GetValueOrDefault(call.Name) as AIFunction);

    private PlannedCall Plan(FunctionCallContent call, AIFunction? function)
    {
        if (function is null)
        {
            // Its name is the host's word, and may be anything: it goes back to the model and into no log or message.
            Log.ToolUnknown(_logger);
            return new PlannedCall(call, null, $"Error: Requested function \"{call.Name}\" not found.", IsFailure: true);
        }

        return call.Exception is null
            ? new PlannedCall(call, function)
            : new PlannedCall(call, null, "Error: The arguments of the call are not a JSON object.", IsFailure: true);
    }

    private void Add(AITool? tool)
    {
        if (tool is AIFunctionDeclaration) _tools.TryAdd(tool.Name, tool);
    }
}
