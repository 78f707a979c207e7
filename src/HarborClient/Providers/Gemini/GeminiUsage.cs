using System.Text.Json;
using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

// Hot path: most events of a stream carry it. One object an answer, which the latest counts are written into.

/// <summary>
/// Reads <c>usageMetadata</c>. Its counts are those of the whole answer so far; one that is missing keeps the value it had, and one that never came is
/// not 0, except that of the output: the host leaves a 0 out.
/// </summary>
internal sealed class GeminiUsage
{
    private readonly UsageDetails _usage = new();
    private long? _prompt;
    private long? _toolUse;
    private long? _candidates;
    private string? _tier;

    /// <summary>From the property name: the counts, or null for anything but an object.</summary>
    internal UsageDetails? Read(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "promptTokenCount"u8)) _prompt = JsonLenient.Count(ref json) ?? _prompt;
            else if (JsonLenient.Is(ref json, "candidatesTokenCount"u8)) _candidates = JsonLenient.Count(ref json) ?? _candidates;
            else if (JsonLenient.Is(ref json, "totalTokenCount"u8)) _usage.TotalTokenCount = JsonLenient.Count(ref json) ?? _usage.TotalTokenCount;
            else if (JsonLenient.Is(ref json, "thoughtsTokenCount"u8)) _usage.ReasoningTokenCount = JsonLenient.Count(ref json) ?? _usage.ReasoningTokenCount;
            else if (JsonLenient.Is(ref json, "cachedContentTokenCount"u8)) _usage.CachedInputTokenCount = JsonLenient.Count(ref json) ?? _usage.CachedInputTokenCount;
            else if (JsonLenient.Is(ref json, "promptTokensDetails"u8)) ReadPrompt(ref json);
            else if (JsonLenient.Is(ref json, "candidatesTokensDetails"u8)) ReadAnswer(ref json);
            else if (JsonLenient.Is(ref json, "toolUsePromptTokenCount"u8)) _toolUse = JsonLenient.Count(ref json) ?? _toolUse;
            else if (JsonLenient.Is(ref json, "serviceTier"u8) || JsonLenient.Is(ref json, "trafficType"u8)) ReadTier(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        _usage.InputTokenCount = _prompt is null && _toolUse is null ? null : (_prompt ?? 0) + (_toolUse ?? 0);
        _usage.OutputTokenCount = (_candidates ?? 0) + (_usage.ReasoningTokenCount ?? 0);
        return _usage;
    }

    /// <summary>The queries of its own search, which are paid for beside the tokens.</summary>
    internal UsageDetails AddSearches(int queries)
    {
        (_usage.AdditionalCounts ??= [])[UsageCounts.WebSearches] = queries;
        return _usage;
    }

    /// <summary>The service tier, where it is not the usual one: once, as most events say it again.</summary>
    internal string? TakeTier()
    {
        string? tier = _tier;
        _tier = tier is null ? null : "";
        return tier is { Length: > 0 } ? tier : null;
    }

    /// <summary>The API has a word for it; Vertex AI says how the traffic was counted.</summary>
    private void ReadTier(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return;
        }

        if (JsonLenient.Is(ref json, "priority"u8) || JsonLenient.Is(ref json, "ON_DEMAND_PRIORITY"u8)) _tier ??= "priority";
        else if (JsonLenient.Is(ref json, "flex"u8) || JsonLenient.Is(ref json, "ON_DEMAND_FLEX"u8)) _tier ??= "flex";
    }

#pragma warning disable MEAI001 // Counts of sound are experimental in Microsoft.Extensions.AI; a token of it has its own price.
    private void ReadPrompt(ref Utf8JsonReader json)
    {
        (long? sound, long? images) = ReadKinds(ref json);
        _usage.InputAudioTokenCount = sound ?? _usage.InputAudioTokenCount;
        if (images > 0) (_usage.AdditionalCounts ??= [])[UsageCounts.ImageInput] = images.Value;
    }

    private void ReadAnswer(ref Utf8JsonReader json) => _usage.OutputAudioTokenCount = ReadKinds(ref json).Sound ?? _usage.OutputAudioTokenCount;
#pragma warning restore MEAI001

    /// <summary>From the property name: counts by kind, as <c>[{"modality": "AUDIO", "tokenCount": 25}]</c>.</summary>
    private static (long? Sound, long? Images) ReadKinds(ref Utf8JsonReader json)
    {
        long? sound = null, images = null;
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
            return default;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            bool isSound = false, isImage = false;
            long? count = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonLenient.Is(ref json, "tokenCount"u8)) count = JsonLenient.Count(ref json);
                else if (JsonLenient.Is(ref json, "modality"u8))
                {
                    json.Read();
                    isSound = json.TokenType == JsonTokenType.String && json.ValueTextEquals("AUDIO"u8);
                    isImage = json.TokenType == JsonTokenType.String && json.ValueTextEquals("IMAGE"u8);
                    json.Skip();
                }
                else
                {
                    JsonLenient.SkipValue(ref json);
                }
            }

            if (isSound) sound = count;
            else if (isImage) images = count;
        }

        return (sound, images);
    }
}
