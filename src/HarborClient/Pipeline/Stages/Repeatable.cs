using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>Which calls may be asked a second time, beside the first or of somebody else: those that leave nothing behind and mean the same everywhere.</summary>
internal static class Repeatable
{
    internal static bool Is(Call call) =>
        call.Operation == CallOperation.Chat && Failover.PinOf(call) is null && !(call.Options is { } options && (LeavesSomething(options) || HasHostedTools(options)));

    /// <summary>An answer that the provider stores or goes on with by itself would be there twice, and one that depends on what the provider has stored is another next time.</summary>
    private static bool LeavesSomething(ChatOptions options) =>
        options.AllowBackgroundResponses == true || (options.AdditionalProperties is { } members && (Asks(members, "store") || Asks(members, "background") || HiddenMembers.AreIn(members)));

    private static bool Asks(AdditionalPropertiesDictionary members, string name) =>
        members.TryGetValue(name, out object? value) && value is not (null or false or JsonElement { ValueKind: JsonValueKind.False });

    /// <summary>The provider runs them, and whatever they do would be done twice. A function only runs where somebody reads the answer.</summary>
    private static bool HasHostedTools(ChatOptions options)
    {
        if (options.Tools is null) return false;
        foreach (AITool tool in options.Tools)
        {
            if (tool is not AIFunctionDeclaration) return true;
        }

        return false;
    }
}
