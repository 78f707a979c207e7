using System.Text;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>Which chats end with a question that may be looked up by what it means, and what is left of them without it.</summary>
internal static class SemanticRequest
{
    /// <summary>Models cut longer texts off without a word, and all that differ behind that would be the same.</summary>
    private const int MostBytes = 1_500;

    private const string Gap = "?";

    /// <summary>The question; null where there is none of that kind: a text of the user's, after nothing but texts, and nothing but an answer asked for.</summary>
    internal static string? QuestionOf(Call call)
    {
        if (call.Operation != CallOperation.Chat || call.Request.RawRepresentation is not null || call.Request.IsContinuation || call.Options?.Tools is { Count: > 0 }) return null;
        foreach (ChatMessage message in call.Messages)
        {
            foreach (AIContent content in message.Contents)
                if (content is not TextContent { RawRepresentation: null }) return null;
        }

        if (call.Messages is not [.., { Contents: [TextContent { Text: var text }] } last] || last.Role != ChatRole.User) return null;
        return string.IsNullOrWhiteSpace(text) || Encoding.UTF8.GetByteCount(text) > MostBytes ? null : text;
    }

    /// <summary>The request with a gap where the question stands. All that goes with it stays, such as its author.</summary>
    internal static CallRequest WithoutQuestion(CallRequest request)
    {
        ChatMessage[] messages = [.. request.Messages];
        ChatMessage last = messages[^1].Clone();
        last.Contents = [new TextContent(Gap) { AdditionalProperties = last.Contents[0].AdditionalProperties, Annotations = last.Contents[0].Annotations }];
        messages[^1] = last;
        return request.Saying(messages);
    }
}
