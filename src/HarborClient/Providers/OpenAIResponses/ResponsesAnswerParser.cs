using System.Text.Json;
using HarborClient.Costs;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.OpenAIResponses;

// Hot path: one event of a stream per call of ReadEvent. Utf8JsonReader by hand; texts are slices of the event.

/// <summary>
/// Reads responses, whole ones and the events of a stream. Items are told apart by <c>output_index</c>, because some gateways change their ids between
/// events; events and items that nobody documents are skipped or carried.
/// </summary>
internal sealed class ResponsesAnswerParser : AnswerParser
{
    private readonly ResponsesItemReader _items = new();
    private bool _isDone;

    internal override bool IsTerminated => _isDone;

    internal override bool MayEndHere => false;

    internal override void ReadEvent(ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        if (batch.Frame.TryMatch(data.Span, out RawText text))
        {
            batch.Repeat(text, data);
            return;
        }

        // There is no [DONE] here; gateways add one all the same.
        ReadOnlySpan<byte> trimmed = data.Span.Trim(" \t"u8);
        if (trimmed.Length == 0 || trimmed.SequenceEqual("[DONE]"u8)) return;
        var json = new Utf8JsonReader(data.Span);
        JsonLenient.StartObject(ref json);
        var fields = default(ResponsesEvent);
        fields.Read(ref json, batch.Frame);
        JsonLenient.End(ref json);
        switch (fields.Kind)
        {
            case ResponsesEventKind.TextDelta:
                _items.ReadText(HarborUpdateKind.Text, ref fields, data, batch);
                break;
            case ResponsesEventKind.ReasoningDelta:
                _items.ReadText(HarborUpdateKind.Reasoning, ref fields, data, batch);
                break;
            case ResponsesEventKind.RefusalDelta:
                _items.ReadText(HarborUpdateKind.Refusal, ref fields, data, batch);
                break;
            case ResponsesEventKind.ArgumentsDelta:
                _items.ReadArguments(ref fields, data, batch);
                break;
            case ResponsesEventKind.ItemAdded when fields.HasItem:
                _items.ReadAdded(ref fields, data, batch);
                break;
            case ResponsesEventKind.ItemDone when fields.HasItem:
                _items.ReadDone(ref fields, data, batch);
                break;
            case ResponsesEventKind.Error:
                throw OpenAIErrorReader.InsideAnswer(data);
            case ResponsesEventKind.Response or ResponsesEventKind.Terminal when fields.HasResponse:
                ReadResponse(ref fields.Response, data, batch, fields.Kind == ResponsesEventKind.Terminal);
                break;
            case ResponsesEventKind.Other when fields.HasError:
                // A gateway's bare error object.
                throw OpenAIErrorReader.InsideAnswer(data);
        }

        // Everything but a piece of an item begins or ends something.
        if (fields.Kind is not (ResponsesEventKind.TextDelta or ResponsesEventKind.ReasoningDelta or ResponsesEventKind.RefusalDelta or ResponsesEventKind.ArgumentsDelta)) batch.DoesMore();
        batch.LearnFrame(data);
    }

    internal override void ReadBody(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        var json = new Utf8JsonReader(body.Span);
        JsonLenient.StartObject(ref json);
        ReadResponse(ref json, body, batch, isTerminal: true);
        JsonLenient.End(ref json);
    }

    /// <summary>From the start of a response object to its end.</summary>
    private void ReadResponse(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch, bool isTerminal)
    {
        var head = new ResponsesHead();
        Utf8JsonReader output = head.Read(ref json, data);
        string? id = batch.Identity?.ResponseId is null ? head.Id : null;
        if (isTerminal && head.ServiceTier is { } tier) batch.Describe("service_tier", tier);
        if (isTerminal)
        {
            if (head.Status is null && !head.HasOutput) throw new JsonException("there is no response in it");
            if (output.TokenType == JsonTokenType.StartArray) _items.ReadOutput(ref output, data, batch);
            if (_items.LogProbabilities.TryBuild(out JsonElement probabilities)) batch.Describe("logprobs", probabilities);
        }

        batch.Introduce(id, batch.Identity?.Model is null ? head.Model : null, head.CreatedAt, head.ConversationId);
        if (!isTerminal) return;
        batch.EndText();
        UsageDetails? counts = head.Usage;
        if (_items.Searches > 0) ((counts ??= new UsageDetails()).AdditionalCounts ??= [])[UsageCounts.WebSearches] = _items.Searches;
        if (counts is { } usage) batch.Add(new HarborUpdate(HarborUpdateKind.Usage, usage));
        if (head.FinishWord is { } word) batch.Add(new HarborUpdate(HarborUpdateKind.Finish, word));
        _isDone = true;
    }
}
