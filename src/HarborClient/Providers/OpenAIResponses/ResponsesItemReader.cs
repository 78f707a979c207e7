using System.Text.Json;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

// Hot path: every delta of a stream passes ReadText or ReadArguments.

/// <summary>
/// Reads the items of an output: pieces of them as they stream, and each once more when it is done, for what the pieces did not say. A plain answer is
/// nothing but items that are done.
/// </summary>
internal sealed class ResponsesItemReader
{
    /// <summary>A long run of hosted tools has some dozens of items; a host must not fill the memory with states.</summary>
    private const int MaxItems = 4096;

    /// <summary>Each call holds a buffer of its own; twice the number of functions that OpenAI lets a request offer.</summary>
    private const int MaxCalls = 256;

    private readonly Dictionary<long, ItemState> _states = [];
    private ItemState? _latest;
    private int _calls;

    internal LogProbabilities LogProbabilities { get; } = new();

    /// <summary>How often the host has searched the web, each of which is paid for; opening a page that was found is not.</summary>
    internal int Searches { get; private set; }

    /// <summary>A piece of text, of reasoning or of a refusal.</summary>
    internal void ReadText(HarborUpdateKind kind, ref ResponsesEvent fields, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        ItemState state = StateOf(fields.Index);
        if (fields.Delta.TokenType != JsonTokenType.String || fields.Delta.ValueSpan.Length == 0) return;
        state.HasStreamed = true;
        batch.AddText(kind, ref fields.Delta, data);
    }

    /// <summary>A piece of a call's arguments.</summary>
    internal void ReadArguments(ref ResponsesEvent fields, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        ItemState state = StateOf(fields.Index);
        if (fields.Delta.TokenType != JsonTokenType.String || fields.Delta.ValueSpan.Length == 0) return;
        if (state.Call < 0) BeginCall(state, null, null, batch);
        state.HasStreamed = true;
        if (batch.TextOf(ref fields.Delta, data) is { Length: > 0 } piece) batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, piece, state.Call));
    }

    /// <summary>An item begins. Its calls are announced here, so that they stand where they were made.</summary>
    internal void ReadAdded(ref ResponsesEvent fields, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        var item = default(ResponsesItemFields);
        item.Read(ref fields.Item);
        ItemState state = Begin(fields.Index);
        if (item.Type == "function_call") BeginCall(state, item.CallId ?? item.Id, item.Name, batch);
    }

    /// <summary>An item is whole.</summary>
    internal void ReadDone(ref ResponsesEvent fields, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        ItemState state = StateOf(fields.Index);

        // A host that numbers nothing ends one item and goes on with the next; one that repeats itself does not get here, for it numbers.
        if (state.IsDone && fields.Index is not null) return;
        if (state.IsDone) state = Begin(null);
        ReadItem(state, ref fields.Item, data, batch);
    }

    /// <summary>
    /// From the start of the output of a finished response to its end. In a stream its items have come by themselves, and gateways leave it empty; what has
    /// not come is taken from here.
    /// </summary>
    internal void ReadOutput(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        int known = _states.Count;
        for (long index = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; index++)
        {
            bool isNew = index >= known && !_states.ContainsKey(index);
            if (json.TokenType == JsonTokenType.StartObject && (isNew || (_states.TryGetValue(index, out ItemState? begun) && !begun.IsDone))) ReadItem(StateOf(index), ref json, data, batch);
            else json.Skip();
        }
    }

    private void ReadItem(ItemState state, ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        state.IsDone = true;
        Utf8JsonReader whole = json;
        var item = default(ResponsesItemFields);
        item.Read(ref json);
        switch (item.Type)
        {
            case "message":
                if (item.Content.TokenType == JsonTokenType.StartArray) ReadParts(ref item.Content, state.HasStreamed, data, batch);
                break;
            case "function_call":
                EndCall(state, ref item, data, batch);
                break;
            case "reasoning":
                ReadReasoning(state, ref item, ref whole, data, batch);
                break;
            default:
                if (item.Type == "web_search_call" && item.IsSearch) Searches++;
                batch.Add(new HarborUpdate(HarborUpdateKind.Content, ResponsesContent.Of(ref item, ref whole)));
                break;
        }
    }

    private void ReadParts(ref Utf8JsonReader json, bool hasStreamed, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject) ReadPart(ref json, hasStreamed, data, batch);
            else json.Skip();
        }
    }

    private void ReadPart(ref Utf8JsonReader json, bool hasStreamed, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        Utf8JsonReader whole = json;
        Utf8JsonReader text = default;
        List<AIAnnotation>? annotations = null;
        string? type = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8))
            {
                type = JsonLenient.Text(ref json);
            }
            else if (JsonLenient.Is(ref json, "text"u8) || JsonLenient.Is(ref json, "refusal"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.String) text = json;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "annotations"u8))
            {
                if (JsonLenient.IsArray(ref json)) annotations = AnnotationReader.Read(ref json, batch) ?? annotations;
            }
            else if (JsonLenient.Is(ref json, "logprobs"u8))
            {
                if (JsonLenient.IsArray(ref json)) LogProbabilities.ReadArray(ref json, data.Span);
            }
            else
            {
                JsonLenient.SkipValue(ref json);
            }
        }

        HarborUpdateKind? kind = type switch
        {
            "output_text" or "text" => HarborUpdateKind.Text,
            "refusal" => HarborUpdateKind.Refusal,
            "reasoning_text" or "summary_text" => HarborUpdateKind.Reasoning,
            _ => null,
        };
        if (kind is not { } known)
            batch.Add(new HarborUpdate(HarborUpdateKind.Content, new AIContent { RawRepresentation = JsonElement.ParseValue(ref whole) }));
        else if (!hasStreamed && text.TokenType == JsonTokenType.String)
            batch.AddText(known, ref text, data, value: known == HarborUpdateKind.Text ? annotations : null);
        else if (annotations is not null && known == HarborUpdateKind.Text)
            batch.Add(new HarborUpdate(HarborUpdateKind.Text, annotations));
    }

    /// <summary>Reasoning in the form that can be sent back ends with it; other reasoning is only to be read.</summary>
    private void ReadReasoning(ItemState state, ref ResponsesItemFields item, ref Utf8JsonReader whole, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (!state.HasStreamed)
        {
            if (item.Summary.TokenType == JsonTokenType.StartArray) ReadParts(ref item.Summary, hasStreamed: false, data, batch);
            if (item.Content.TokenType == JsonTokenType.StartArray) ReadParts(ref item.Content, hasStreamed: false, data, batch);
        }

        if (string.IsNullOrEmpty(item.EncryptedContent)) return;
        var seal = new TextReasoningContent(null) { ProtectedData = item.EncryptedContent };
        batch.Add(new HarborUpdate(HarborUpdateKind.Reasoning, ResponsesItem.Keep(seal, JsonElement.ParseValue(ref whole))));
    }

    private void BeginCall(ItemState state, string? id, string? name, UpdateBatch batch)
    {
        if (_calls == MaxCalls) throw new JsonException($"it has more than {MaxCalls} tool calls");
        state.Call = _calls++;
        state.HasName = !string.IsNullOrEmpty(name);
        var head = new ToolCallHead(string.IsNullOrEmpty(id) ? $"call_{Guid.NewGuid():N}" : id, name ?? "");
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, default, state.Call, head));
    }

    private void EndCall(ItemState state, ref ResponsesItemFields item, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        string? id = item.CallId ?? item.Id;
        if (state.Call < 0) BeginCall(state, id, item.Name, batch);
        else if (!state.HasName && !string.IsNullOrEmpty(item.Name))
            batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, default, state.Call, new ToolCallHead(string.IsNullOrEmpty(id) ? $"call_{Guid.NewGuid():N}" : id, item.Name)));
        if (!state.HasStreamed && ArgumentsOf(ref item.Arguments, data, batch) is { Length: > 0 } arguments)
            batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, arguments, state.Call));
        batch.Add(new HarborUpdate(HarborUpdateKind.ToolCallEnd, default, state.Call));
    }

    /// <summary>Arguments are JSON in a string; an imitator may send the object itself.</summary>
    private static ReadOnlyMemory<byte> ArgumentsOf(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (json.TokenType == JsonTokenType.String) return batch.TextOf(ref json, data);
        if (json.TokenType != JsonTokenType.StartObject) return default;
        int start = (int)json.TokenStartIndex;
        json.Skip();
        return data[start..(int)json.BytesConsumed];
    }

    private ItemState StateOf(long? index)
    {
        if (_latest is { } latest && (index is null || latest.Index == index)) return latest;
        return index is { } known && _states.TryGetValue(known, out ItemState? state) ? _latest = state : Begin(index);
    }

    /// <summary>A new item; one that was begun under the same number is over.</summary>
    private ItemState Begin(long? index)
    {
        if (_states.Count == MaxItems) throw new JsonException($"it has more than {MaxItems} items");
        long key = index ?? -1 - _states.Count;
        return _latest = _states[key] = new ItemState(key);
    }

    private sealed class ItemState(long index)
    {
        internal long Index { get; } = index;

        /// <summary>The call that the item is; -1 for none.</summary>
        internal int Call { get; set; } = -1;

        internal bool HasName { get; set; }

        /// <summary>Whether pieces have come, so that the whole item repeats them.</summary>
        internal bool HasStreamed { get; set; }

        internal bool IsDone { get; set; }
    }
}
