using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>A content that becomes one block of a turn, and whose turn it is. What Claude has no place for is left out here, so that what remains is written.</summary>
internal readonly record struct ClaudeItem(AIContent Content, ChatMessage Message, bool IsUsers, bool IsLastOfMessage)
{
    /// <summary>Collects all that is written of a call's messages, in order. The system prompt lies elsewhere.</summary>
    /// <returns>How many items there are.</returns>
    internal static int Collect(Call attempt, Span<ClaudeItem> items)
    {
        int count = 0;
        for (int i = 0; i < attempt.Messages.Count; i++)
        {
            ChatMessage message = attempt.Messages[i];
            if (ClaudeSystemWriter.IsSystem(message)) continue;
            if (!string.IsNullOrEmpty(message.AuthorName)) Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, "AuthorName", "its messages have no names");
            int before = count;
            bool isForeign = ReasoningOrigin.IsForeign(message, attempt);
            for (int j = 0; j < message.Contents.Count; j++)
            {
                AIContent content = message.Contents[j];

                // A result is the user's word to the model, whoever's message it lies in.
                bool isUsers = message.Role != ChatRole.Assistant || content is FunctionResultContent;
                if (IsWritten(attempt, content, isUsers, isForeign)) items[count++] = new ClaudeItem(content, message, isUsers, false);
                else if (count > before && Cited(items[count - 1].Content, content) is { } cited) items[count - 1] = items[count - 1] with { Content = cited };
            }

            if (count > before) items[count - 1] = items[count - 1] with { IsLastOfMessage = true };
        }

        if (count > 0) return count;
        throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "There is nothing to send: Claude needs a message of the user's with some content that is not blank.");
    }

    /// <summary>A stream shows the citations of a text after it, in a content without text; they go back with the text.</summary>
    private static TextContent? Cited(AIContent before, AIContent content) =>
        before is TextContent { Annotations: null or { Count: 0 } } text && content is TextContent { Text.Length: 0, Annotations: { Count: > 0 } citations }
            ? new TextContent(text.Text) { Annotations = citations, AdditionalProperties = text.AdditionalProperties }
            : null;

    private static bool IsWritten(Call attempt, AIContent content, bool isUsers, bool isForeign)
    {
        switch (content)
        {
            case TextContent text:
                // A blank text is refused, even one of the model's own.
                return !string.IsNullOrWhiteSpace(text.Text);
            case DataContent or UriContent or HostedFileContent when isUsers:
            case FunctionResultContent:
            case FunctionCallContent when !isUsers:
                return true;
            case TextReasoningContent reasoning when !isUsers && !isForeign && !string.IsNullOrEmpty(reasoning.ProtectedData):
                return true;
            case TextReasoningContent:
                LeaveOut(attempt, content, "it takes back only thinking that it signed");
                return false;
            case UsageContent:
                return false;
            case var _ when !isUsers && ClaudeContents.BlockOf(content) is not null:
                return true;
            default:
                LeaveOut(attempt, content, isUsers ? "its messages have no place for it" : "the model's own turns have no place for it");
                return false;
        }
    }

    private static void LeaveOut(Call attempt, AIContent content, string reason) =>
        Log.LeftOut(attempt.Services.Logger, attempt.Target!.Name, content.GetType().Name, reason);
}
