using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>How items of an answer are kept on contents, so that the next request can send them back as they were.</summary>
internal static class ResponsesItem
{
    /// <summary>
    /// The member of AdditionalProperties that holds an item, as JSON. It tells our items from those of other providers, and it outlives a trip through
    /// JSON, which a RawRepresentation does not.
    /// </summary>
    internal const string Key = "openai.item";

    /// <summary>Puts an item on its content.</summary>
    internal static TContent Keep<TContent>(TContent content, JsonElement item) where TContent : AIContent
    {
        content.RawRepresentation = item;
        (content.AdditionalProperties ??= [])[Key] = item;
        return content;
    }

    /// <summary>The item that a content came from.</summary>
    internal static bool TryGet(AIContent content, out JsonElement item)
    {
        item = default;
        if (content.AdditionalProperties?.TryGetValue(Key, out object? value) != true || value is not JsonElement { ValueKind: JsonValueKind.Object } kept) return false;
        item = kept;
        return true;
    }
}
