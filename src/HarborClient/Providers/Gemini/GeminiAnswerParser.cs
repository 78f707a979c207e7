using System.Globalization;
using System.Text.Json;
using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

// Hot path: one event of a stream per call of ReadEvent. Utf8JsonReader by hand; texts are slices of the event.

/// <summary>
/// Reads answers of <c>generateContent</c>: one object, the events of a stream, each of which is such an object, or the list of them that a stream without
/// <c>alt=sse</c> is. Nothing marks the end of a stream but a finish reason, which some hosts repeat on every event, and the end of the body.
/// </summary>
internal sealed class GeminiAnswerParser(string who) : AnswerParser
{
    private readonly GeminiPartReader _parts = new();
    private GeminiUsage? _usage;
    private int _searches;
    private bool _hasCandidate;
    private bool _hasFinish;
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => _hasFinish;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        ReadOnlySpan<byte> trimmed = data.Span.Trim(" \t"u8);
        if (trimmed.Length == 0) return;
        if (trimmed.SequenceEqual("[DONE]"u8))
        {
            // A gateway's marker; it ends nothing that had no finish reason.
            _isDone = _hasFinish;
            return;
        }

        Read(data, batch);
    }

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        bool isList = Read(body, batch);
        if (isList && !_hasFinish) throw ErrorFactory.EndedEarly(who, "its list of answers stopped without a finish reason", null);
        if (!_hasCandidate && !_hasFinish) throw new JsonException("there is no candidate in it");
        _parts.Complete(batch);
        batch.EndText();
        _isDone = true;
    }

    /// <summary>Reads one object, or a list of them; true for a list.</summary>
    private bool Read(ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(data.Span);
        json.Read();
        bool isList = json.TokenType == JsonTokenType.StartArray;
        if (isList)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.StartObject) ReadObject(ref json, data, batch);
                else json.Skip();
            }
        }
        else if (json.TokenType == JsonTokenType.StartObject)
        {
            ReadObject(ref json, data, batch);
        }
        else
        {
            throw new JsonException($"a JSON object was expected, not {json.TokenType}");
        }

        if (json.Read()) throw new JsonException("something follows the answer");
        return isList;
    }

    private void ReadObject(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        string? id = null;
        string? model = null;
        DateTimeOffset? created = null;
        UsageDetails? usage = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "candidates"u8)) ReadCandidates(ref json, data, batch);
            else if (JsonLenient.Is(ref json, "usageMetadata"u8)) usage = (_usage ??= new GeminiUsage()).Read(ref json) ?? usage;
            else if (batch.Identity?.ResponseId is null && JsonLenient.Is(ref json, "responseId"u8)) id = JsonLenient.Text(ref json);
            else if (batch.Identity?.Model is null && JsonLenient.Is(ref json, "modelVersion"u8)) model = JsonLenient.Text(ref json);
            else if (batch.Identity is null && JsonLenient.Is(ref json, "createTime"u8)) created = TimeOf(JsonLenient.Text(ref json));
            else if (JsonLenient.Is(ref json, "promptFeedback"u8)) ReadFeedback(ref json, data, batch);
            else if (JsonLenient.Is(ref json, "error"u8)) GeminiErrorReader.ThrowIfError(ref json, data);
            else JsonLenient.SkipValue(ref json);
        }

        if (_searches > 0) usage = (_usage ??= new GeminiUsage()).AddSearches(_searches);
        if (usage is not null && _usage!.TakeTier() is { } tier) batch.Describe("service_tier", tier);
        batch.Introduce(id, model, created);
        if (usage is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Usage, usage));
    }

    private void ReadCandidates(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        for (int position = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; position++)
        {
            if (json.TokenType == JsonTokenType.StartObject) ReadCandidate(ref json, data, batch, position);
            else json.Skip();
        }
    }

    private void ReadCandidate(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, long index)
    {
        // Whether the candidate counts is known when its index is, which comes last; so the others are remembered.
        Utf8JsonReader content = default;
        Utf8JsonReader grounding = default;
        Utf8JsonReader citations = default;
        Utf8JsonReader message = default;
        string? finish = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "content"u8)) Remember(ref json, ref content);
            else if (JsonLenient.Is(ref json, "finishReason"u8)) finish = FinishReason(ref json);
            else if (JsonLenient.Is(ref json, "index"u8)) index = JsonLenient.Integer(ref json) ?? index;
            else if (JsonLenient.Is(ref json, "finishMessage"u8)) Remember(ref json, ref message);
            else if (JsonLenient.Is(ref json, "groundingMetadata"u8)) Remember(ref json, ref grounding);
            else if (JsonLenient.Is(ref json, "citationMetadata"u8)) Remember(ref json, ref citations);
            else JsonLenient.SkipValue(ref json);
        }

        if (index != 0) return;
        if (content.TokenType == JsonTokenType.StartObject) ReadContent(ref content, data, batch);
        if (citations.TokenType == JsonTokenType.StartObject) GeminiCitations.ReadCitations(ref citations, _parts, batch);
        if (grounding.TokenType == JsonTokenType.StartObject) _searches = Math.Max(_searches, GeminiCitations.ReadGrounding(ref grounding, _parts, batch));
        if (string.IsNullOrEmpty(finish) || finish == "FINISH_REASON_UNSPECIFIED") return;
        if (message.TokenType == JsonTokenType.String && finish is not ("STOP" or "MAX_TOKENS")) AddFinishMessage(ref message, data, batch, finish);
        Finish(finish, batch);
    }

    private void ReadContent(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonLenient.Is(ref json, "parts"u8))
            {
                JsonLenient.SkipValue(ref json);
                continue;
            }

            if (!JsonLenient.IsArray(ref json)) continue;
            _hasCandidate = true;
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.StartObject) _parts.Read(ref json, data, batch);
                else json.Skip();
            }
        }
    }

    /// <summary>A prompt that was blocked has no candidates: an empty answer, and why.</summary>
    private void ReadFeedback(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        string? reason = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "blockReason"u8)) reason = JsonLenient.Text(ref json);
            else if (JsonLenient.Is(ref json, "blockReasonMessage"u8)) AddRefusal(ref json, data, batch);
            else JsonLenient.SkipValue(ref json);
        }

        if (!string.IsNullOrEmpty(reason) && reason != "BLOCKED_REASON_UNSPECIFIED" && reason != "BLOCK_REASON_UNSPECIFIED") Finish(reason, batch);
    }

    private static void AddRefusal(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) batch.Add(new HarborUpdate(HarborUpdateKind.Refusal, batch.TextOf(ref json, data)));
        else json.Skip();
    }

    /// <summary>The host's words about an answer that did not end well: a refusal, or what was wrong with the function call that is missing.</summary>
    private static void AddFinishMessage(ref Utf8JsonReader message, ReadOnlyMemory<byte> data, UpdateBatch batch, string finish)
    {
        if (finish.EndsWith("_CALL", StringComparison.Ordinal) || finish.EndsWith("_CALLS", StringComparison.Ordinal))
            batch.Add(new HarborUpdate(HarborUpdateKind.Content, new ErrorContent(JsonLenient.CurrentText(ref message)) { ErrorCode = finish }));
        else
            batch.Add(new HarborUpdate(HarborUpdateKind.Refusal, batch.TextOf(ref message, data)));
    }

    private void Finish(string reason, UpdateBatch batch)
    {
        _parts.Complete(batch);
        batch.EndText();
        _hasFinish = true;
        batch.Add(new HarborUpdate(HarborUpdateKind.Finish, reason));
    }

    private static string? FinishReason(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String)
        {
            if (JsonLenient.Is(ref json, "STOP"u8)) return "STOP";
            if (JsonLenient.Is(ref json, "MAX_TOKENS"u8)) return "MAX_TOKENS";
        }

        return JsonLenient.CurrentText(ref json);
    }

    private static void Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        place = json;
        json.Skip();
    }

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
