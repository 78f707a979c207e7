using System.Text;
using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// The most input tokens that a request can have. No tokenizer that works on bytes makes more tokens than there are bytes, so the bytes of the whole request bound
/// its text; what is not text is bounded by what providers say of it.
/// </summary>
internal static class InputBound
{
    /// <summary>What providers add that is not sent: the frame of a prompt, and instructions for structured answers. OpenAI and Anthropic document less than a tenth.</summary>
    private const long HiddenTokens = 512;

    /// <summary>Instructions that come with tools. Claude's are up to 735 tokens long ("Tool use", pricing).</summary>
    private const long HiddenToolTokens = 1_024;

    /// <summary>OpenAI counts an image at up to 36,835 tokens (gpt-4o-mini, high detail, 2,833 + 6 x 5,667); the others stay far below.</summary>
    private const long ImageTokens = 36_835;

    /// <summary>The bound; null where the request has parts whose length nobody can see.</summary>
    internal static long? Of(Call attempt, long bodyBytes, PriceRow row)
    {
        long tokens = bodyBytes + HiddenTokens;
        if (attempt.Options is { Tools.Count: > 0 } options)
        {
            tokens += HiddenToolTokens;
            foreach (AITool tool in options.Tools)
            {
                // What a tool of the host's finds is read by the model too.
                if (tool is not AIFunctionDeclaration) return row.MaxInputTokens;
            }
        }

        if (attempt.Options?.ConversationId is not null) return row.MaxInputTokens;
        long texts = 0;
        foreach (ChatMessage message in attempt.Messages)
        {
            // What stands elsewhere than in a user's message some dialects leave out, and what is not in the request is not to be taken off it.
            bool isSent = message.Role == ChatRole.User;
            foreach (AIContent content in message.Contents)
            {
                switch (content)
                {
                    case TextContent text:
                        texts += Encoding.UTF8.GetByteCount(text.Text);
                        break;
                    case DataContent data when data.HasTopLevelMediaType("image"):
                        tokens += ImageTokens - (isSent ? Base64Length(data) : 0);
                        break;
                    case UriContent link when link.HasTopLevelMediaType("image"):
                        tokens += ImageTokens;
                        break;
                    case DataContent data when data.HasTopLevelMediaType("audio") || data.HasTopLevelMediaType("text"):
                        // Sound has fewer tokens than bytes: 32 a second at Gemini, 10 at OpenAI.
                        break;
                    case DataContent or UriContent or HostedFileContent or HostedVectorStoreContent:
                        return row.MaxInputTokens;
                    case FunctionResultContent result when OfResult(result) is { } more:
                        tokens += more;
                        break;
                    case FunctionResultContent:
                        return row.MaxInputTokens;
                }
            }
        }

        // Whatever else was left out, the texts are there.
        tokens = Math.Max(tokens, texts + HiddenTokens);

        // No prompt is longer than what the model takes; the host refuses it otherwise, and charges nothing.
        return row.MaxInputTokens is { } most ? Math.Min(tokens, most) : tokens;
    }

    /// <summary>What the result of a function adds to its bytes: a few of them can be a large image. Null for documents.</summary>
    private static long? OfResult(FunctionResultContent result)
    {
        IEnumerable<AIContent> contents = result.Result switch
        {
            AIContent one => [one],
            IEnumerable<AIContent> several => several,
            _ => [],
        };
        long tokens = 0;
        foreach (AIContent content in contents)
        {
            if (content is DataContent data && data.HasTopLevelMediaType("image") || content is UriContent link && link.HasTopLevelMediaType("image")) tokens += ImageTokens;
            else if (content is UriContent or HostedFileContent || content is DataContent other && !other.HasTopLevelMediaType("audio") && !other.HasTopLevelMediaType("text")) return null;
        }

        return tokens;
    }

    /// <summary>How much of the request an image is. One that is linked is not in it.</summary>
    private static long Base64Length(DataContent data) => (data.Data.Length + 2L) / 3 * 4;
}
