using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>
/// Approvals that travel in messages: an answer's calls become requests, and the caller's next messages bring the responses. Requests for calls that are
/// not functions, such as those of servers that a provider talks to itself, are the provider's and pass untouched.
/// </summary>
internal static class ToolApprovals
{
    /// <summary>Puts a request in the place of each function call.</summary>
    internal static void Request(IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent { InformationalOnly: false } call) contents[i] = new ToolApprovalRequestContent($"approval_{call.CallId}", call);
        }
    }

    /// <summary>Takes requests and responses out of the messages.</summary>
    /// <returns>The responses that are not yet acted on, and where in the messages their calls and results belong; empty when there are none.</returns>
    /// <exception cref="HarborException">A request has no response (InvalidRequest).</exception>
    internal static (List<ToolApprovalResponseContent> Responses, int Position) Take(List<ChatMessage> messages)
    {
        var responses = new List<ToolApprovalResponseContent>();
        if (!messages.Exists(message => message.Contents.Any(IsOurs))) return (responses, 0);
        var requested = new List<ToolApprovalRequestContent>();
        var answered = new HashSet<string>(StringComparer.Ordinal);
        int position = 0;
        var kept = new List<ChatMessage>(messages.Count);
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is FunctionResultContent result) answered.Add(result.CallId);
                else if (content is ToolApprovalRequestContent { ToolCall: FunctionCallContent } request) requested.Add(request);
                else if (content is ToolApprovalResponseContent { ToolCall: FunctionCallContent } response)
                {
                    responses.Add(response);
                    position = kept.Count;
                }
            }

            if (!message.Contents.Any(IsOurs)) kept.Add(message);
            else if (Without(message) is { Contents.Count: > 0 } rest) kept.Add(rest);
        }

        messages.Clear();
        messages.AddRange(kept);
        foreach (ToolApprovalRequestContent request in requested)
        {
            if (!answered.Contains(request.ToolCall.CallId) && !responses.Exists(response => response.RequestId == request.RequestId))
            {
                throw ErrorFactory.Setting(
                    ErrorKind.InvalidRequest,
                    $"The messages ask for the approval of the function '{ToolSet.Shown(((FunctionCallContent)request.ToolCall).Name)}' and have no answer to it: "
                    + "add the request's CreateResponse to a user message.");
            }
        }

        responses.RemoveAll(response => !answered.Add(response.ToolCall.CallId));
        return (responses, position);
    }

    private static bool IsOurs(AIContent content) =>
        content is ToolApprovalRequestContent { ToolCall: FunctionCallContent } or ToolApprovalResponseContent { ToolCall: FunctionCallContent };

    private static ChatMessage Without(ChatMessage message)
    {
        ChatMessage rest = message.Clone();
        rest.Contents = [.. message.Contents.Where(content => !IsOurs(content))];
        return rest;
    }
}
