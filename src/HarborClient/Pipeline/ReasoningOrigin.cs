using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>
/// Says on a message whose protected reasoning it carries. A conversation may go on at another provider, by failover or by choice; signatures and
/// encrypted reasoning of the first one mean nothing there, and most providers refuse the whole request over them.
/// </summary>
internal static class ReasoningOrigin
{
    private const string Key = "harbor.reasoning_of";

    /// <summary>The properties of an answer's message; null where nothing of it is protected.</summary>
    internal static AdditionalPropertiesDictionary? PropertiesOf(Call call)
    {
        AnswerFold fold = call.Fold;
        for (int i = 0; i < fold.RunCount; i++)
        {
            if (IsProtected(fold.Run(i))) return new AdditionalPropertiesDictionary { [Key] = (call.Target ?? call.AnsweringTarget).System };
        }

        return null;
    }

    /// <summary>The same of an answer that was kept.</summary>
    internal static AdditionalPropertiesDictionary? PropertiesOf(Call call, CacheHit hit)
    {
        foreach (StoredRun run in hit.Answer.Runs)
        {
            if (run is { Kind: HarborUpdateKind.Reasoning, Value: not null }) return new AdditionalPropertiesDictionary { [Key] = call.AnsweringTarget.System };
        }

        return null;
    }

    /// <summary>Whether a message carries the protected reasoning of another provider than the one that is asked now. What says nothing is taken to be its own.</summary>
    internal static bool IsForeign(ChatMessage message, Call attempt)
    {
        if (message.AdditionalProperties?.TryGetValue(Key, out object? value) != true) return false;
        string? origin = value is JsonElement { ValueKind: JsonValueKind.String } element ? element.GetString() : value as string;
        return origin is not null && origin != attempt.Target!.System;
    }

    private static bool IsProtected(AnswerRun run) => run.Kind switch
    {
        HarborUpdateKind.Reasoning => run.Value is not null,
        HarborUpdateKind.Content => run.Value is TextReasoningContent { ProtectedData: not null },
        _ => false,
    };
}
