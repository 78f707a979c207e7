using System.Text.Json;

namespace HarborClient.Providers.OpenAIResponses;

// Hot path: every event of a stream.

/// <summary>The members of one event, which come in any order: what it is may be said last.</summary>
internal ref struct ResponsesEvent
{
    /// <summary>Standing on the value of <c>delta</c>.</summary>
    internal Utf8JsonReader Delta;

    /// <summary>Standing on the start of the item.</summary>
    internal Utf8JsonReader Item;

    /// <summary>Standing on the start of the response.</summary>
    internal Utf8JsonReader Response;

    internal ResponsesEventKind Kind { get; private set; }

    /// <summary>Which item of the output the event belongs to; null where the host does not say.</summary>
    internal long? Index { get; private set; }

    internal readonly bool HasItem => Item.TokenType == JsonTokenType.StartObject;

    internal readonly bool HasResponse => Response.TokenType == JsonTokenType.StartObject;

    /// <summary>Whether there is an error object.</summary>
    internal bool HasError { get; private set; }

    /// <summary>From the start of the event to its end.</summary>
    internal void Read(ref Utf8JsonReader json, EventFrame frame)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "type"u8))
            {
                json.Read();
                Kind = KindOf(ref json);
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "delta"u8)) Remember(ref json, ref Delta);
            else if (JsonLenient.Is(ref json, "output_index"u8)) Index = JsonLenient.Integer(ref json);
            else if (JsonLenient.Is(ref json, "item"u8)) Remember(ref json, ref Item);
            else if (JsonLenient.Is(ref json, "response"u8)) Remember(ref json, ref Response);
            else if (JsonLenient.Is(ref json, "error"u8))
            {
                json.Read();
                HasError = json.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "sequence_number"u8) || JsonLenient.Is(ref json, "obfuscation"u8)) frame.SkipPadding(ref json);
            else JsonLenient.SkipValue(ref json);
        }
    }

    private static void Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        place = json;
        json.Skip();
    }

    private static ResponsesEventKind KindOf(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String) return ResponsesEventKind.Other;
        if (JsonLenient.Is(ref json, "response.output_text.delta"u8)) return ResponsesEventKind.TextDelta;
        if (JsonLenient.Is(ref json, "response.function_call_arguments.delta"u8)) return ResponsesEventKind.ArgumentsDelta;
        if (JsonLenient.Is(ref json, "response.reasoning_summary_text.delta"u8) || JsonLenient.Is(ref json, "response.reasoning_text.delta"u8)) return ResponsesEventKind.ReasoningDelta;
        if (JsonLenient.Is(ref json, "response.refusal.delta"u8)) return ResponsesEventKind.RefusalDelta;
        if (JsonLenient.Is(ref json, "response.output_item.added"u8)) return ResponsesEventKind.ItemAdded;
        if (JsonLenient.Is(ref json, "response.output_item.done"u8)) return ResponsesEventKind.ItemDone;
        if (JsonLenient.Is(ref json, "response.completed"u8) || JsonLenient.Is(ref json, "response.incomplete"u8)) return ResponsesEventKind.Terminal;
        if (JsonLenient.Is(ref json, "response.failed"u8) || JsonLenient.Is(ref json, "response.cancelled"u8)) return ResponsesEventKind.Terminal;
        if (JsonLenient.Is(ref json, "response.created"u8) || JsonLenient.Is(ref json, "response.in_progress"u8) || JsonLenient.Is(ref json, "response.queued"u8)) return ResponsesEventKind.Response;
        return JsonLenient.Is(ref json, "error"u8) ? ResponsesEventKind.Error : ResponsesEventKind.Other;
    }
}
