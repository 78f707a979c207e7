using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>Turns a fold into the vocabulary of Microsoft.Extensions.AI.</summary>
internal static class AnswerBuilder
{
    /// <summary>The code under which a model's refusal is carried in an <see cref="ErrorContent"/>, which is the non-fatal kind.</summary>
    private const string RefusalCode = "Refusal";

    /// <summary>Fills a response with everything the call's fold holds.</summary>
    internal static TResponse Fill<TResponse>(TResponse response, Call call, string messageId, bool isPartial = false) where TResponse : ChatResponse
    {
        AnswerFold fold = call.Fold;
        var contents = new List<AIContent>(Math.Max(1, fold.RunCount));
        for (int i = 0; i < fold.RunCount; i++) contents.Add(ContentOf(fold, fold.Run(i), isPartial));
        response.Messages = [new ChatMessage(ChatRole.Assistant, contents) { MessageId = messageId, AdditionalProperties = ReasoningOrigin.PropertiesOf(call) }];
        response.ResponseId = fold.Identity?.ResponseId ?? (isPartial ? null : messageId);
        response.ModelId = fold.Identity?.Model;
        response.CreatedAt = fold.Identity?.CreatedAt;
        response.ConversationId = fold.Identity?.ConversationId;
        if (fold.Identity is { Properties: { Count: > 0 } properties }) response.AdditionalProperties = new AdditionalPropertiesDictionary(properties);
        response.FinishReason = FinishReasonOf(fold);
        response.Usage = fold.Usage;
        return response;
    }

    internal static ChatFinishReason? FinishReasonOf(AnswerFold fold) => FinishReasons.Of(fold.FinishReason, fold.ToolCalls.Count > 0);

    internal static TextContent TextOf(string text, object? value) => new(text) { Annotations = value is IList<AIAnnotation> { Count: > 0 } annotations ? [.. annotations] : null };

    internal static TextReasoningContent ReasoningOf(string text, object? value) => value is TextReasoningContent sealedBy
        ? new(text) { ProtectedData = sealedBy.ProtectedData, AdditionalProperties = sealedBy.AdditionalProperties, RawRepresentation = sealedBy.RawRepresentation }
        : new(text) { ProtectedData = value as string };

    internal static AIContent RefusalOf(string text) => new ErrorContent(text) { ErrorCode = RefusalCode };

    internal static FunctionCallContent ToolCallOf(ToolCallFold call, bool isPartial) => ToolCallOf(call.Head, Encoding.UTF8.GetString(call.Arguments.Span), isPartial);

    internal static FunctionCallContent ToolCallOf(ToolCallHead head, string arguments, bool isPartial)
    {
        FunctionCallContent content = FunctionCallContent.CreateFromParsedArguments(arguments, head.CallId, head.Name, ParseArguments);
        if (content.Exception is not null) content.RawRepresentation = arguments;
        if (isPartial) content.InformationalOnly = true;
        content.AdditionalProperties = head.Properties?.Clone();
        return content;
    }

    private static AIContent ContentOf(AnswerFold fold, AnswerRun run, bool isPartial) => run.Kind switch
    {
        HarborUpdateKind.Text => TextOf(fold.TextOf(run), run.Value),
        HarborUpdateKind.Reasoning => ReasoningOf(fold.TextOf(run), run.Value),
        HarborUpdateKind.Refusal => RefusalOf(fold.TextOf(run)),
        HarborUpdateKind.ToolCall => ToolCallOf((ToolCallFold)run.Value!, isPartial),
        _ => (AIContent)run.Value!,
    };

    /// <summary>Arguments that are absent or empty mean none. Anything but a JSON object lands in <see cref="FunctionCallContent.Exception"/>.</summary>
    private static Dictionary<string, object?> ParseArguments(string raw)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(raw)) return arguments;
        using JsonDocument document = JsonDocument.Parse(raw);
        if (document.RootElement.ValueKind == JsonValueKind.Null) return arguments;
        foreach (JsonProperty member in document.RootElement.EnumerateObject()) arguments[member.Name] = member.Value.Clone();
        return arguments;
    }
}
