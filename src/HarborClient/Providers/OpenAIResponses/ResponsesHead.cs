using System.Text.Json;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

/// <summary>What a response object says beside its output.</summary>
internal sealed class ResponsesHead
{
    private string? _conversation;
    private string? _reason;
    private bool _isStored;

    internal string? Id { get; private set; }

    internal string? Model { get; private set; }

    internal DateTimeOffset? CreatedAt { get; private set; }

    internal string? Status { get; private set; }

    internal string? ServiceTier { get; private set; }

    internal UsageDetails? Usage { get; private set; }

    internal bool HasOutput { get; private set; }

    /// <summary>What continues the conversation: itself, or the response where the provider stores it.</summary>
    internal string? ConversationId => _conversation ?? (_isStored ? Id : null);

    /// <summary>The status, and why an answer is incomplete.</summary>
    internal string? FinishWord => Status == "incomplete" && _reason is { Length: > 0 } reason ? $"incomplete:{reason}" : Status;

    /// <summary>From the start of the object to its end. Returns a reader that stands on the output; on nothing where there is none.</summary>
    /// <exception cref="HarborException">The response has failed.</exception>
    internal Utf8JsonReader Read(ref Utf8JsonReader json, ReadOnlyMemory<byte> data)
    {
        int start = (int)json.TokenStartIndex;
        bool hasError = false;
        Utf8JsonReader output = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "id"u8)) Id = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "model"u8)) Model = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "created_at"u8)) CreatedAt = JsonLenient.UnixTime(ref json);
            else if (JsonLenient.Is(ref json, "status"u8)) Status = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "service_tier"u8)) ServiceTier = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "usage"u8)) Usage = UsageReader.Read(ref json);
            else if (JsonLenient.Is(ref json, "incomplete_details"u8)) _reason = TextInside(ref json, "reason"u8);
            else if (JsonLenient.Is(ref json, "conversation"u8)) _conversation = TextInside(ref json, "id"u8);
            else if (JsonLenient.Is(ref json, "store"u8))
            {
                json.Read();
                _isStored = json.TokenType == JsonTokenType.True;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "error"u8))
            {
                json.Read();
                hasError = json.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "output"u8))
            {
                json.Read();
                output = json;
                HasOutput = json.TokenType == JsonTokenType.StartArray;
                json.Skip();
            }
            else JsonLenient.SkipValue(ref json);
        }

        if (json.TokenType != JsonTokenType.EndObject) throw new JsonException($"the end of the response was expected, not {json.TokenType}");
        if (hasError) throw OpenAIErrorReader.InsideAnswer(data[start..(int)json.BytesConsumed]);

        // Never the response itself as the details: it repeats the instructions.
        if (Status == "failed") throw OpenAIErrorReader.InsideAnswer("{\"message\":\"the response has failed\"}"u8.ToArray());
        return output;
    }

    private static string? TextInside(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }

        string? text = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, name)) text = JsonLenient.Text(ref json);
            else JsonLenient.SkipValue(ref json);
        }

        return text;
    }
}
