using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAICompatible;

// Hot path: one event of a stream per call of ReadEvent. Utf8JsonReader by hand; texts are slices of the event.

/// <summary>
/// Reads chat completions, whole ones and the chunks of a stream, as OpenAI documents them and as its many imitators send them: null, absent or repeated
/// fields, roles on every delta, usage anywhere, unknown members. Of several choices the first is read.
/// </summary>
internal class ChatAnswerParser(ChatDialect dialect) : AnswerParser
{
    /// <summary>Of any answer of the process.</summary>
    private static string? _latestModel;

    private ToolCallMerger? _toolCalls;
    private bool _isDone;
    private bool _hasFinish;
    private bool _hasChoice;
    private bool _hasTier;
    private LogProbabilities? _probabilities;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => dialect.EndsWithBody ? _hasChoice : !dialect.EndsWithDone && _hasFinish;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (batch.Frame.TryMatch(data.Span, out RawText text))
        {
            Repeat(text, data, batch);
            return;
        }

        ReadOnlySpan<byte> trimmed = data.Span.Trim(" \t"u8);
        if (trimmed.Length == 0) return;
        if (trimmed.SequenceEqual("[DONE]"u8))
        {
            if (!_hasChoice) throw new JsonException("it was declared done before it had begun");
            Finish(batch);
            return;
        }

        Read(data, batch, isWhole: false);
        batch.LearnFrame(data);
    }

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        Read(body, batch, isWhole: true);
        if (!_hasChoice) throw new JsonException("there is no message in it");
        Finish(batch);
    }

    /// <summary>From the name of a member of an answer that the family does not have: reads it and its value, or returns false.</summary>
    private protected virtual bool ReadMember(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch) => false;

    /// <summary>Adds to the counts what a host of its own reports elsewhere.</summary>
    private protected virtual UsageDetails? Complete(UsageDetails? usage) => usage;

    /// <summary>Whether a finish reason is the end of an answer, and not a word for an answer that broke.</summary>
    private protected virtual bool IsEnd(string finish) => true;

    /// <summary>The host has said that the answer is whole.</summary>
    /// <exception cref="HarborException">It is not: the host had said before that it broke.</exception>
    private protected virtual void Finish(UpdateBatch batch)
    {
        batch.EndText();
        _isDone = true;
    }

    /// <summary>The event before with another text.</summary>
    private void Repeat(RawText text, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (batch.Frame.Kind == HarborUpdateKind.ToolCall) _toolCalls!.AddAgain(batch.TextOf(text, data), batch);
        else batch.Repeat(text, data);
    }

    /// <summary>Reads one object: a whole answer, or a chunk of one.</summary>
    private void Read(ReadOnlyMemory<byte> data, UpdateBatch batch, bool isWhole)
    {
        var json = new Utf8JsonReader(data.Span);
        JsonLenient.StartObject(ref json);
        string? id = null;
        string? model = null;
        DateTimeOffset? created = null;
        UsageDetails? usage = null;
        string? tier = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "choices"u8)) ReadChoices(ref json, data, batch, isWhole, ref usage);
            else if (batch.Identity?.ResponseId is null && JsonLenient.Is(ref json, "id"u8)) id = JsonLenient.Text(ref json);
            else if (batch.Identity?.Model is null && JsonLenient.Is(ref json, "model"u8)) model = JsonLenient.Text(ref json, ref _latestModel);
            else if (batch.Identity is null && JsonLenient.Is(ref json, "created"u8)) created = JsonLenient.UnixTime(ref json);
            else if (JsonLenient.Is(ref json, "usage"u8)) usage = UsageReader.Read(ref json) ?? usage;
            else if (!_hasTier && JsonLenient.Is(ref json, "service_tier"u8)) tier = Tier(ref json);
            else if (JsonLenient.Is(ref json, "x_groq"u8)) usage = UsageReader.ReadInside(ref json) ?? usage;
            else if (JsonLenient.Is(ref json, "error"u8)) OpenAIErrorReader.ThrowIfError(ref json, data, dialect);
            else if (JsonLenient.Is(ref json, "object"u8)) OpenAIErrorReader.ThrowIfErrorObject(ref json, data, dialect);
            else if (!isWhole && JsonLenient.Is(ref json, "obfuscation"u8)) batch.Frame.SkipPadding(ref json);
            else if (!ReadMember(ref json, data, batch)) JsonLenient.SkipValue(ref json);
        }

        JsonLenient.End(ref json);
        if (tier is not null)
        {
            _hasTier = true;
            batch.Describe("service_tier", tier);
        }

        batch.Introduce(dialect.HasIds ? id : null, model, created);
        usage = Complete(usage);
        if (usage is not null) batch.Add(new HarborUpdate(HarborUpdateKind.Usage, usage));
    }

    private void ReadChoices(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, bool isWhole, ref UsageDetails? usage)
    {
        if (!JsonLenient.IsArray(ref json)) return;
        for (int position = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; position++)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            // In a whole answer a missing index is the position; in a stream, where a chunk has one choice of any index, it is the first choice.
            ReadChoice(ref json, data, batch, isWhole, isWhole ? position : 0, ref usage);
        }
    }

    private void ReadChoice(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, bool isWhole, long index, ref UsageDetails? usage)
    {
        // What a choice says counts only when its index is known to be 0, and a chunk's delta outweighs the whole message some hosts repeat beside it;
        // members come in any order, so the three are remembered and read at the end.
        Utf8JsonReader delta = default;
        Utf8JsonReader message = default;
        int probabilitiesAt = -1;
        bool hasDelta = false;
        bool hasMessage = false;
        string? finish = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonLenient.Is(ref json, "index"u8)) index = JsonLenient.Integer(ref json) ?? index;
            else if (JsonLenient.Is(ref json, "delta"u8)) hasDelta = Remember(ref json, ref delta);
            else if (JsonLenient.Is(ref json, "message"u8)) hasMessage = Remember(ref json, ref message);
            else if (JsonLenient.Is(ref json, "logprobs"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.StartObject) probabilitiesAt = (int)json.TokenStartIndex;
                json.Skip();
            }
            else if (JsonLenient.Is(ref json, "finish_reason"u8)) finish = FinishReason(ref json);
            else if (JsonLenient.Is(ref json, "usage"u8)) usage = UsageReader.Read(ref json) ?? usage;
            else if (JsonLenient.Is(ref json, "error"u8)) OpenAIErrorReader.ThrowIfError(ref json, data, dialect);
            else JsonLenient.SkipValue(ref json);
        }

        if (index > 0) return;

        // A whole answer has a message; a delta there is a piece of a stream, and the rest of it is missing.
        if (!hasMessage && string.IsNullOrEmpty(finish) && (isWhole || !hasDelta)) return;
        if (isWhole && hasDelta && !hasMessage) return;
        _hasChoice = true;
        if (hasDelta && !isWhole) ChatDeltaReader.Read(ref delta, data, batch, ref _toolCalls);
        else if (hasMessage && (isWhole || !_hasFinish)) ChatDeltaReader.Read(ref message, data, batch, ref _toolCalls);
        if (probabilitiesAt >= 0)
        {
            batch.DoesMore();
            (_probabilities ??= new LogProbabilities()).ReadObject(data[probabilitiesAt..]);
        }

        if (string.IsNullOrEmpty(finish)) return;
        batch.DoesMore();
        if (!IsEnd(finish)) return;
        if (!_hasFinish && _probabilities?.TryBuild(out JsonElement all) == true) batch.Describe("logprobs", all);
        _hasFinish = true;
        batch.Add(new HarborUpdate(HarborUpdateKind.Finish, finish));
    }

    private static bool Remember(ref Utf8JsonReader json, ref Utf8JsonReader place)
    {
        json.Read();
        place = json;
        json.Skip();
        return place.TokenType == JsonTokenType.StartObject;
    }

    /// <summary>Said on every chunk and nearly always the same: without a string each time.</summary>
    private static string? Tier(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String && JsonLenient.Is(ref json, "default"u8) ? "default" : JsonLenient.CurrentText(ref json);
    }

    private static string? FinishReason(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String)
        {
            if (JsonLenient.Is(ref json, "stop"u8)) return "stop";
            if (JsonLenient.Is(ref json, "tool_calls"u8)) return "tool_calls";
            if (JsonLenient.Is(ref json, "length"u8)) return "length";
        }

        return JsonLenient.CurrentText(ref json);
    }
}
