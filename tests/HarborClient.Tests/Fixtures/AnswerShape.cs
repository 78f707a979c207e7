using System.Text.Json;

namespace HarborClient.Tests.Fixtures;

// What a caller can tell of an answer, as one comparable text: two readings of one stream must give the same.
internal static class AnswerShape
{
    public static string Of(ChatResponse answer)
    {
        var calls = Contents(answer).OfType<FunctionCallContent>()
            .Select(call => $"{call.CallId} {call.Name}({Arguments(call)}){call.RawRepresentation}");
        var reasoning = string.Concat(Contents(answer).OfType<TextReasoningContent>().Select(content => content.Text));
        var refusal = string.Concat(Contents(answer).OfType<ErrorContent>().Select(content => content.Message));
        var usage = answer.Usage;
        return $"""
            text: {answer.Text}
            reasoning: {reasoning}
            refusal: {refusal}
            calls: {string.Join("; ", calls)}
            finish: {answer.FinishReason} {answer.GetHarborInfo().FinishReason}
            usage: {usage?.InputTokenCount} {usage?.OutputTokenCount} {usage?.TotalTokenCount} {usage?.CachedInputTokenCount} {usage?.ReasoningTokenCount}
            id: {answer.ResponseId} {answer.ModelId} {answer.CreatedAt:O}
            """;
    }

    public static async Task<string> OfStreamAsync(FastClient client, ChatOptions? options = null)
        => Of((await client.GetStreamingResponseAsync("hi", options).ToListAsync().ConfigureAwait(false)).ToHarborResponse());

    private static IEnumerable<AIContent> Contents(ChatResponse answer) => answer.Messages.SelectMany(message => message.Contents);

    private static string Arguments(FunctionCallContent call) =>
        call.Arguments is null ? "" : string.Join(", ", call.Arguments.Select(argument => $"{argument.Key}={JsonText(argument.Value)}"));

    private static string JsonText(object? value) => value is JsonElement element ? element.GetRawText() : value?.ToString() ?? "null";
}
