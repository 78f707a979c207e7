using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// Marks what Claude keeps in its prompt cache: each mark covers everything before it. The caller's own marks are written as they are and switch the
/// automatic ones off. One per request.
/// </summary>
internal readonly struct ClaudeCache
{
    private const string Member = "cache_control";

    /// <summary>The API takes no more. The automatic ones are as many: tools, system prompt, the last two turns of the user.</summary>
    private const int MaxMarks = 4;

    /// <summary>What the least demanding models keep, 1,024 tokens, at the usual four bytes each. Marks on less have no effect.</summary>
    private const int MinPrefixBytes = 4096;

    private readonly JsonSerializerOptions _json;
    private readonly bool _isLong;

    // Whether the places that come again get marks.
    private readonly bool _isAutomatic;

    internal ClaudeCache(Call attempt, ClaudeSettings settings, in RequestMembers given)
    {
        _json = attempt.Services.Json;
        _isLong = settings.KeepsCacheLong;
        bool goesOn = false;
        int marks = given.Has(Member) ? 1 : 0;
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            ChatMessage message = attempt.Messages[i];
            goesOn |= message.Role == ChatRole.Assistant;
            if (message.AdditionalProperties?.ContainsKey(Member) == true) marks++;
            for (int j = 0; j < message.Contents.Count; j++)
            {
                if (message.Contents[j].AdditionalProperties?.ContainsKey(Member) == true) marks++;
            }
        }

        IList<AITool>? tools = attempt.Options?.Tools;
        for (int i = 0; i < tools?.Count; i++)
        {
            if (tools[i].AdditionalProperties.ContainsKey(Member)) marks++;
        }

        if (marks > MaxMarks)
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"The request has {marks} marks for the prompt cache ('{Member}' in AdditionalProperties); Claude takes at most {MaxMarks}.");
        _isAutomatic = settings.MarksCache && goesOn && marks == 0;
    }

    /// <summary>Writes the mark of a place, if it has one: the caller's, or an automatic one where enough has been written before.</summary>
    /// <param name="body">Stands within the object that is marked.</param>
    /// <param name="own">The properties of what is marked.</param>
    /// <param name="around">Those of the message whose last block it is.</param>
    /// <param name="comesAgain">Whether the place is one for an automatic mark.</param>
    internal void Write(JsonBody body, AdditionalPropertiesDictionary? own, AdditionalPropertiesDictionary? around, bool comesAgain)
    {
        if (own?.TryGetValue(Member, out object? mark) == true || around?.TryGetValue(Member, out mark) == true) WriteGiven(body.Json, mark);
        else if (comesAgain) WriteAutomatic(body);
    }

    /// <summary>The same for a tool, whose properties are of another type.</summary>
    internal void Write(JsonBody body, AITool tool, bool comesAgain)
    {
        if (tool.AdditionalProperties.TryGetValue(Member, out object? mark)) WriteGiven(body.Json, mark);
        else if (comesAgain) WriteAutomatic(body);
    }

    /// <summary>Whether nothing will be written at a tool.</summary>
    internal bool LeavesAlone(AITool tool, bool comesAgain) => !(comesAgain && _isAutomatic) && !tool.AdditionalProperties.ContainsKey(Member);

    private void WriteAutomatic(JsonBody body)
    {
        if (_isAutomatic && body.BytesWritten >= MinPrefixBytes) WriteMark(body.Json, _isLong ? "1h" : null);
    }

    private void WriteGiven(Utf8JsonWriter json, object? mark)
    {
        string? word = mark as string ?? (mark is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString() : null);
        if (word is "5m" or "1h")
        {
            WriteMark(json, word);
        }
        else if (word is not null)
        {
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"AdditionalProperties['{Member}'] must be \"5m\", \"1h\" or a JSON object for the wire (was \"{ErrorFactory.Quote(word)}\").");
        }
        else if (mark is not null)
        {
            json.WritePropertyName(Member);
            RequestMembers.WriteValue(json, mark, $"AdditionalProperties['{Member}']", _json);
        }
    }

    private static void WriteMark(Utf8JsonWriter json, string? ttl)
    {
        json.WriteStartObject(Member);
        json.WriteString("type"u8, "ephemeral"u8);
        if (ttl is not null) json.WriteString("ttl"u8, ttl);
        json.WriteEndObject();
    }
}
