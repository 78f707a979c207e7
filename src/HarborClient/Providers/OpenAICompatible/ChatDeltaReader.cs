using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

// Hot path: every event of a stream.

/// <summary>Reads a delta of a stream, or the message of a whole answer: the two have the same members.</summary>
internal static class ChatDeltaReader
{
    internal static void Read(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ref ToolCallMerger? toolCalls)
    {
        // The answer's text comes after its reasoning, whatever the order of the members.
        Utf8JsonReader content = default;
        Utf8JsonReader details = default;
        Utf8JsonReader calls = default;
        Utf8JsonReader function = default;
        int start = (int)json.TokenStartIndex;
        bool hasExtras = false;
        bool hasReasoning = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "content"u8))
            {
                json.Read();
                content = json;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "reasoning_content"u8) || JsonLenient.Is(ref json, "reasoning"u8))
            {
                json.Read();

                // Hosts that send both say the same in both.
                if (json.TokenType == JsonTokenType.String && !hasReasoning)
                {
                    hasReasoning = json.ValueSpan.Length > 0;
                    batch.AddText(HarborUpdateKind.Reasoning, ref json, data);
                }
                else
                {
                    json.Skip();
                }
            }
            else if (JsonLenient.Is(ref json, "reasoning_details"u8))
            {
                json.Read();
                details = json;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "refusal"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.String) batch.AddText(HarborUpdateKind.Refusal, ref json, data);
                else json.Skip();
            }
            else if (JsonLenient.Is(ref json, "tool_calls"u8))
            {
                json.Read();
                calls = json;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "function_call"u8))
            {
                function = json;
                JsonLenient.SkipValue(ref json);
            }
            else if (ChatExtrasReader.IsExtra(ref json))
            {
                json.Read();
                hasExtras |= json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject;
                json.Skip();
            }
            else
            {
                JsonLenient.SkipValue(ref json);
            }
        }

        if (!hasReasoning && details.TokenType == JsonTokenType.StartArray) ReadParts(ref details, data, batch, HarborUpdateKind.Reasoning);
        if (content.TokenType == JsonTokenType.String) batch.AddText(HarborUpdateKind.Text, ref content, data);
        else if (content.TokenType == JsonTokenType.StartArray) ReadParts(ref content, data, batch, HarborUpdateKind.Text);
        if (hasExtras) ChatExtrasReader.Read(data[start..], batch);
        if (calls.TokenType == JsonTokenType.StartArray) ReadToolCalls(ref calls, data, batch, toolCalls ??= new ToolCallMerger());
        else if (function.TokenType == JsonTokenType.PropertyName) ReadOnlyCall(ref function, data, batch, toolCalls ??= new ToolCallMerger());
    }

    /// <summary>Content as a list of parts (Mistral), where a part of type thinking holds a list of its own, and reasoning details (OpenRouter).</summary>
    private static void ReadParts(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, HarborUpdateKind kind)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String) batch.AddText(kind, ref json, data);
            else if (json.TokenType == JsonTokenType.StartObject) ReadPart(ref json, data, batch, kind);
            else json.Skip();
        }
    }

    private static void ReadPart(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, HarborUpdateKind kind)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isThinking = JsonLenient.Is(ref json, "thinking"u8);
            bool isText = isThinking || JsonLenient.Is(ref json, "text"u8) || JsonLenient.Is(ref json, "summary"u8);
            json.Read();
            HarborUpdateKind inner = isThinking ? HarborUpdateKind.Reasoning : kind;
            if (isText && json.TokenType == JsonTokenType.String) batch.AddText(inner, ref json, data);
            else if (isText && json.TokenType == JsonTokenType.StartArray) ReadParts(ref json, data, batch, inner);
            else json.Skip();
        }
    }

    private static void ReadToolCalls(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ToolCallMerger toolCalls)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) ReadToolCall(ref json, data, batch, toolCalls);
            else json.Skip();
        }
    }

    private static void ReadToolCall(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ToolCallMerger toolCalls)
    {
        var fragment = default(ToolCallFragment);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "index"u8)) fragment.Index = JsonLenient.Integer(ref json);
            else if (JsonLenient.Is(ref json, "id"u8)) fragment.Id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "function"u8) || JsonLenient.Is(ref json, "custom"u8)) ReadFunction(ref json, data, batch, ref fragment);
            else JsonLenient.SkipValue(ref json);
        }

        toolCalls.Add(fragment, batch);
    }

    /// <summary>The form before tool calls, which hosts still answer with when asked through <c>functions</c>: one call, without index and id.</summary>
    private static void ReadOnlyCall(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ToolCallMerger toolCalls)
    {
        var fragment = default(ToolCallFragment);
        ReadFunction(ref json, data, batch, ref fragment);
        toolCalls.Add(fragment, batch);
    }

    private static void ReadFunction(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, ref ToolCallFragment fragment)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "name"u8)) fragment.Name = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "arguments"u8) || JsonLenient.Is(ref json, "input"u8)) fragment.Arguments = ReadArguments(ref json, data, batch);
            else JsonLenient.SkipValue(ref json);
        }
    }

    /// <summary>Arguments are JSON in a string; some hosts send the object itself.</summary>
    private static ReadOnlyMemory<byte> ReadArguments(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) return batch.TextOf(ref json, data);
        int start = (int)json.TokenStartIndex;
        bool isObject = json.TokenType == JsonTokenType.StartObject;
        json.Skip();
        return isObject ? data[start..(int)json.BytesConsumed] : default;
    }
}
