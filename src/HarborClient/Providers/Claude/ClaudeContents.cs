using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// How blocks that Microsoft.Extensions.AI has no type for are carried, so that a history gives them back as they came. They lie in AdditionalProperties,
/// which a history kept as JSON keeps, and whose names tell them from what other providers leave there.
/// </summary>
internal static class ClaudeContents
{
    /// <summary>A whole block, as a <see cref="JsonElement"/>.</summary>
    internal const string BlockKey = "claude.block";

    /// <summary>A whole citation, as a <see cref="JsonElement"/>.</summary>
    internal const string CitationKey = "claude.citation";

    /// <summary>Who called a tool, as a <see cref="JsonElement"/>, where it was not the model directly but a program that it runs.</summary>
    internal const string CallerKey = "claude.caller";

    /// <summary>Marks reasoning that came encrypted.</summary>
    private const string RedactedKey = "claude.redacted_thinking";

    internal static TextReasoningContent Redacted(string data) =>
        new("") { ProtectedData = data, AdditionalProperties = new AdditionalPropertiesDictionary { [RedactedKey] = true } };

    internal static bool IsRedacted(TextReasoningContent content) => content.AdditionalProperties?.ContainsKey(RedactedKey) == true;

    internal static AIContent Of(JsonElement block) =>
        new() { RawRepresentation = block, AdditionalProperties = new AdditionalPropertiesDictionary { [BlockKey] = block } };

    /// <summary>The block that a content carries.</summary>
    internal static JsonElement? BlockOf(AIContent content) =>
        content.AdditionalProperties?.TryGetValue(BlockKey, out object? block) == true && block is JsonElement { ValueKind: JsonValueKind.Object } element ? element : null;
}
