using System.Text.Json;
using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Reads <c>usage</c>, as chat completions and as Responses name the counts. What is not reported stays null, which is not 0.</summary>
internal static class UsageReader
{
    /// <summary>From the property name: the counts, or null for anything but an object.</summary>
    internal static UsageDetails? Read(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }

        var usage = new UsageDetails();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "prompt_tokens"u8) || JsonLenient.Is(ref json, "input_tokens"u8)) usage.InputTokenCount = JsonLenient.Count(ref json);
            else if (JsonLenient.Is(ref json, "completion_tokens"u8) || JsonLenient.Is(ref json, "output_tokens"u8)) usage.OutputTokenCount = JsonLenient.Count(ref json);
            else if (JsonLenient.Is(ref json, "total_tokens"u8)) usage.TotalTokenCount = JsonLenient.Count(ref json);
            else if (JsonLenient.Is(ref json, "prompt_cache_hit_tokens"u8) || JsonLenient.Is(ref json, "cached_tokens"u8)) usage.CachedInputTokenCount = CountUnlessKnown(ref json, usage.CachedInputTokenCount);
            else if (JsonLenient.Is(ref json, "reasoning_tokens"u8)) usage.ReasoningTokenCount = CountUnlessKnown(ref json, usage.ReasoningTokenCount);
            else if (JsonLenient.Is(ref json, "prompt_tokens_details"u8) || JsonLenient.Is(ref json, "input_tokens_details"u8)) ReadDetails(ref json, usage, isInput: true);
            else if (JsonLenient.Is(ref json, "completion_tokens_details"u8) || JsonLenient.Is(ref json, "output_tokens_details"u8)) ReadDetails(ref json, usage, isInput: false);
            else JsonLenient.SkipValue(ref json);
        }

        AddReasoningReportedApart(usage);
        return usage;
    }

    /// <summary>From a property name: the usage inside an object (<c>x_groq</c>).</summary>
    internal static UsageDetails? ReadInside(ref Utf8JsonReader json)
    {
        json.Read();
        UsageDetails? usage = null;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "usage"u8)) usage = Read(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        return usage;
    }

    private static void ReadDetails(ref Utf8JsonReader json, UsageDetails usage, bool isInput)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "cached_tokens"u8)) usage.CachedInputTokenCount = JsonLenient.Count(ref json) ?? usage.CachedInputTokenCount;
            else if (JsonLenient.Is(ref json, "reasoning_tokens"u8)) usage.ReasoningTokenCount = JsonLenient.Count(ref json) ?? usage.ReasoningTokenCount;
            else if (JsonLenient.Is(ref json, "cache_write_tokens"u8))
            {
                if (JsonLenient.Count(ref json) is { } written) (usage.AdditionalCounts ??= [])[UsageCounts.CacheWrite] = written;
            }
            else if (JsonLenient.Is(ref json, "audio_tokens"u8)) SetSound(usage, JsonLenient.Count(ref json), isInput);
            else if (isInput && JsonLenient.Is(ref json, "image_tokens"u8))
            {
                if (JsonLenient.Count(ref json) is > 0 and { } seen) (usage.AdditionalCounts ??= [])[UsageCounts.ImageInput] = seen;
            }
            else
            {
                JsonLenient.SkipValue(ref json);
            }
        }
    }

#pragma warning disable MEAI001 // Counts of sound are experimental in Microsoft.Extensions.AI; a token of it costs ten times one of text.
    private static void SetSound(UsageDetails usage, long? tokens, bool isInput)
    {
        if (isInput) usage.InputAudioTokenCount = tokens ?? usage.InputAudioTokenCount;
        else usage.OutputAudioTokenCount = tokens ?? usage.OutputAudioTokenCount;
    }
#pragma warning restore MEAI001

    /// <summary>Some hosts count reasoning beside the output tokens instead of inside; it shows in the sum.</summary>
    private static void AddReasoningReportedApart(UsageDetails usage)
    {
        if (usage is not { ReasoningTokenCount: > 0 and { } reasoning, OutputTokenCount: { } output }) return;
        bool sumSaysApart = usage is { InputTokenCount: { } input, TotalTokenCount: { } total } && total == input + output + reasoning;
        if (reasoning > output || sumSaysApart) usage.OutputTokenCount = output + reasoning;
    }

    /// <summary>Reads the value in any case: the reader has to move past it.</summary>
    private static long? CountUnlessKnown(ref Utf8JsonReader json, long? known)
    {
        long? count = JsonLenient.Count(ref json);
        return known ?? count;
    }
}
