using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Gemini;

// Hot path: one per attempt.

/// <summary>
/// Writes <c>contents</c>: turns of user and model in alternation, so that the results of parallel calls share one turn. A thought signature stands in
/// the messages as reasoning with protected data before the part it belongs to, and goes back onto that part.
/// </summary>
internal sealed class GeminiContentWriter(JsonBody body, Call attempt, Uri endpoint)
{
    private readonly Utf8JsonWriter _json = body.Json;

    // The functions that the history's calls name: results on the wire are found by name.
    private Dictionary<string, string>? _names;
    private bool? _isModelTurn;
    private string? _signature;

    internal void Write()
    {
        _json.WriteStartArray("contents"u8);
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            if (!GeminiRequestWriter.IsSystem(attempt.Messages[i].Role)) WriteMessage(attempt.Messages[i]);
        }

        if (_isModelTurn is null)
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "There is nothing to answer: Gemini needs at least one message of a user with some content beside the system messages.");
        EndTurn();
        _json.WriteEndArray();
    }

    private void WriteMessage(ChatMessage message)
    {
        if (!string.IsNullOrEmpty(message.AuthorName)) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, nameof(message.AuthorName), "its messages have no names");
        bool isModel = message.Role == ChatRole.Assistant;
        bool isForeign = ReasoningOrigin.IsForeign(message, attempt);
        for (int i = 0; i < message.Contents.Count; i++)
        {
            AIContent content = message.Contents[i];
            if (isForeign && content is TextReasoningContent) LeaveOut(content, "another provider protected it");
            else WriteContent(content, isModel);
        }

        FlushSignature();
    }

    private void WriteContent(AIContent content, bool isModel)
    {
        switch (content)
        {
            case TextReasoningContent reasoning:
                if (isModel && reasoning.ProtectedData is { Length: > 0 } signature)
                {
                    FlushSignature();
                    _signature = signature;
                }
                else
                {
                    LeaveOut(reasoning, "it takes back only signatures");
                }

                break;
            case TextContent text:
                if (text.Text.Length == 0 && _signature is null) break;
                BeginPart(isModel);
                body.WriteText("text"u8, text.Text);
                EndPart();
                break;
            case DataContent data:
                BeginPart(isModel);
                GeminiPartWriter.WriteData(body, data);
                EndPart();
                break;
            case UriContent link:
                BeginPart(isModel);
                GeminiPartWriter.WriteFile(_json, link.Uri.AbsoluteUri, link.MediaType);
                EndPart();
                break;
            case HostedFileContent file:
                BeginPart(isModel);
                GeminiPartWriter.WriteFile(_json, GeminiPartWriter.AddressOf(file, endpoint), file.MediaType);
                EndPart();
                break;
            case FunctionCallContent call:
                WriteCall(call);
                break;
            case FunctionResultContent result:
                WriteResult(result);
                break;
            case UsageContent:
                break;
            default:
                WriteOther(content, isModel);
                break;
        }
    }

    /// <summary>A call is always the model's.</summary>
    private void WriteCall(FunctionCallContent call)
    {
        (_names ??= new(StringComparer.Ordinal))[call.CallId] = call.Name;
        BeginPart(isModel: true);
        GeminiPartWriter.WriteCall(body, call, attempt.Services.Json);
        EndPart();
    }

    private void WriteResult(FunctionResultContent result)
    {
        string? name = null;
        if (_names?.TryGetValue(result.CallId, out name) != true)
        {
            throw ErrorFactory.Setting(
                ErrorKind.InvalidRequest,
                $"The result of the call '{ErrorFactory.Quote(result.CallId, 100)}' has no FunctionCallContent with that CallId before it. Gemini finds results by the function's name: send the call too.");
        }

        BeginPart(isModel: false);
        GeminiPartWriter.WriteResult(body, result, name!, attempt.Services.Json);
        EndPart();
    }

    /// <summary>What Gemini itself sent and we have no type for goes back as it came. Blocks of other providers all name their type, which a part never does.</summary>
    private void WriteOther(AIContent content, bool isModel)
    {
        if (isModel && content is not (ErrorContent or WebSearchToolCallContent or WebSearchToolResultContent)
            && content.RawRepresentation is JsonElement { ValueKind: JsonValueKind.Object } part && !part.TryGetProperty("type"u8, out _))
        {
            // The part repeats the signature that stands before it.
            if (part.TryGetProperty("thoughtSignature"u8, out JsonElement own) && own.ValueKind == JsonValueKind.String && own.GetString() == _signature) _signature = null;
            BeginPart(isModel);
            foreach (JsonProperty member in part.EnumerateObject()) member.WriteTo(_json);
            EndPart();
            return;
        }

        // Searches are shown to the caller; the API has no place for them in a request.
        if (content is not (WebSearchToolCallContent or WebSearchToolResultContent))
            LeaveOut(content, "Gemini has no place for it");
    }

    private void LeaveOut(AIContent content, string reason) => Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, reason);

    private void BeginPart(bool isModel)
    {
        if (_isModelTurn != isModel)
        {
            if (!isModel) FlushSignature();
            EndTurn();
            _json.WriteStartObject();
            _json.WriteString("role"u8, isModel ? "model"u8 : "user"u8);
            _json.WriteStartArray("parts"u8);
            _isModelTurn = isModel;
        }

        _json.WriteStartObject();
    }

    private void EndPart()
    {
        if (_signature is not null) body.WriteText("thoughtSignature"u8, _signature);
        _signature = null;
        _json.WriteEndObject();
    }

    private void EndTurn()
    {
        if (_isModelTurn is null) return;
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    /// <summary>A signature that nothing follows came on an empty text, and goes back on one.</summary>
    private void FlushSignature()
    {
        if (_signature is null) return;
        BeginPart(isModel: true);
        _json.WriteString("text"u8, ""u8);
        EndPart();
    }
}
