using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>Reads the object that begins a block, or is the whole of it. The reader stands on the object, and on its end afterwards.</summary>
internal static class ClaudeBlockReader
{
    internal static ClaudeBlockKind KindOf(Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonLenient.Is(ref json, "type"u8))
            {
                JsonLenient.SkipValue(ref json);
                continue;
            }

            json.Read();
            if (json.TokenType != JsonTokenType.String) return ClaudeBlockKind.Other;
            if (JsonLenient.Is(ref json, "text"u8)) return ClaudeBlockKind.Text;
            if (JsonLenient.Is(ref json, "tool_use"u8)) return ClaudeBlockKind.ToolUse;
            if (JsonLenient.Is(ref json, "thinking"u8)) return ClaudeBlockKind.Thinking;
            return JsonLenient.Is(ref json, "redacted_thinking"u8) ? ClaudeBlockKind.RedactedThinking : ClaudeBlockKind.Other;
        }

        return ClaudeBlockKind.Other;
    }

    /// <summary>Adds a text and returns its citations, which are shown when the block stops.</summary>
    internal static List<AIAnnotation>? ReadText(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        List<AIAnnotation>? citations = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "text"u8)) batch.AddTextValue(HarborUpdateKind.Text, ref json, data);
            else if (JsonLenient.Is(ref json, "citations"u8)) ReadCitations(ref citations, ref json, data, batch);
            else JsonLenient.SkipValue(ref json);
        }

        return citations;
    }

    internal static ClaudeBlock ReadThinking(long index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        var block = new ClaudeBlock(index, ClaudeBlockKind.Thinking);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "thinking"u8)) batch.AddTextValue(HarborUpdateKind.Reasoning, ref json, data);
            else if (JsonLenient.Is(ref json, "signature"u8)) block.Signature = JsonLenient.Text(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        return block;
    }

    internal static ClaudeBlock ReadRedacted(long index, ref Utf8JsonReader json, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonLenient.Is(ref json, "data"u8)) JsonLenient.SkipValue(ref json);
            else if (JsonLenient.Text(ref json) is { Length: > 0 } secret) batch.Add(new HarborUpdate(HarborUpdateKind.Content, ClaudeContents.Redacted(secret)));
        }

        return new ClaudeBlock(index, ClaudeBlockKind.RedactedThinking);
    }

    internal static ClaudeBlock ReadToolUse(long index, int call, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        string? id = null;
        string? name = null;
        AdditionalPropertiesDictionary? properties = null;
        ReadOnlyMemory<byte> input = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "id"u8)) id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "name"u8)) name = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "input"u8)) input = ReadInput(ref json, data, batch);
            else if (JsonLenient.Is(ref json, "caller"u8)) properties = ReadCaller(ref json, data);
            else JsonLenient.SkipValue(ref json);
        }

        var head = new ToolCallHead(string.IsNullOrEmpty(id) ? $"toolu_{Guid.NewGuid():N}" : id, name ?? "") { Properties = properties };
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, default, call, head));
        return new ClaudeBlock(index, ClaudeBlockKind.ToolUse) { Call = call, Input = input };
    }

    internal static ClaudeBlock ReadOther(long index, ref Utf8JsonReader json, ReadOnlyMemory<byte> data)
    {
        int start = (int)json.TokenStartIndex;
        json.Skip();
        return new ClaudeBlock(index, ClaudeBlockKind.Other) { Raw = new ClaudeRawBlock(data[start..(int)json.BytesConsumed].ToArray()) };
    }

    private static void ReadCitations(ref List<AIAnnotation>? citations, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) (citations ??= []).Add(ClaudeCitations.Read(ref json, data, batch));
            else json.Skip();
        }
    }

    /// <summary>Who calls: kept unless it is the model itself, which is the rule.</summary>
    private static AdditionalPropertiesDictionary? ReadCaller(ref Utf8JsonReader json, ReadOnlyMemory<byte> data)
    {
        json.Read();
        int start = (int)json.TokenStartIndex;
        bool isObject = json.TokenType == JsonTokenType.StartObject;
        json.Skip();
        if (!isObject) return null;
        ReadOnlySpan<byte> caller = data.Span[start..(int)json.BytesConsumed];
        return caller.IndexOf("\"direct\""u8) >= 0 ? null : new AdditionalPropertiesDictionary { [ClaudeContents.CallerKey] = JsonElement.Parse(caller) };
    }

    /// <summary>The bytes of an input that is there from the start; a copy, for the event is gone when the block stops. The empty object of a stream is none.</summary>
    private static ReadOnlyMemory<byte> ReadInput(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) return batch.TextOf(ref json, data).ToArray();
        int start = (int)json.TokenStartIndex;
        bool isObject = json.TokenType == JsonTokenType.StartObject;
        Utf8JsonReader first = json;
        bool isEmpty = isObject && first.Read() && first.TokenType == JsonTokenType.EndObject;
        json.Skip();
        return isObject && !isEmpty ? data[start..(int)json.BytesConsumed].ToArray() : default;
    }
}
