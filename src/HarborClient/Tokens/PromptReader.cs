using System.Runtime.InteropServices;
using HarborClient.Options;
using HarborClient.Providers;
using Microsoft.Extensions.AI;

namespace HarborClient.Tokens;

/// <summary>Takes a request apart into what its tokens depend on.</summary>
internal static class PromptReader
{
    /// <summary>Sound, video, documents: every provider has its own rule, most by duration or pages, which bytes do not tell. About thirty seconds, or a page.</summary>
    private const int OtherMediaTokens = 1000;

    internal static PromptShape Read(IReadOnlyList<ChatMessage> messages, ChatOptions? options, TokenFamily family, ValueJson json)
    {
        var shape = new PromptShape { IsTextOnly = true };
        foreach (ChatMessage message in messages) AddMessage(ref shape, message, family, json);
        if (options is not null) AddOptions(ref shape, options, family);
        return shape;
    }

    /// <summary>How much text there is to look at, so that nobody's call pays for learning from a very long prompt.</summary>
    internal static long CharactersOf(IReadOnlyList<ChatMessage> messages)
    {
        long characters = 0;
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is TextContent text) characters += text.Text.Length;
                else if (content is FunctionResultContent { Result: string result }) characters += result.Length;
            }
        }

        return characters;
    }

    private static void AddMessage(ref PromptShape shape, ChatMessage message, TokenFamily family, ValueJson json)
    {
        int results = 0;
        bool hasOther = false;
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionResultContent) results++;
            else hasOther = true;
            AddContent(ref shape, content, family, json);
        }

        // Each result is a message of its own to most providers.
        shape.Messages += results + (hasOther || results == 0 ? 1 : 0);
    }

    private static void AddContent(ref PromptShape shape, AIContent content, TokenFamily family, ValueJson json)
    {
        switch (content)
        {
            case TextContent text:
                shape.Text += TextTokens.Estimate(text.Text, family.Weights);
                break;
            case FunctionCallContent call:
                shape.Text += TextTokens.Estimate(call.Name, family.Weights) + TextTokens.Estimate(RequestJson.ArgumentsText(call, json.Options), family.Weights);
                break;
            case FunctionResultContent result:
                shape.Text += TextTokens.Estimate(RequestJson.ResultText(result, json.Options), family.Weights);
                break;
            case ErrorContent error:
                shape.Text += TextTokens.Estimate(error.Message, family.Weights);
                break;
            case DataContent data:
                AddMedia(ref shape, data.HasTopLevelMediaType("image"), family);
                break;
            case UriContent uri:
                AddMedia(ref shape, uri.HasTopLevelMediaType("image"), family);
                break;
            case TextReasoningContent or UsageContent:
                // Providers do not charge the thoughts of earlier turns; some are not sent at all.
                shape.IsTextOnly &= content is UsageContent;
                break;
            default:
                AddMedia(ref shape, isImage: false, family);
                break;
        }
    }

    private static void AddMedia(ref PromptShape shape, bool isImage, TokenFamily family)
    {
        shape.IsTextOnly = false;
        shape.Media += isImage ? family.ImageTokens : OtherMediaTokens;
    }

    private static void AddOptions(ref PromptShape shape, ChatOptions options, TokenFamily family)
    {
        if (!string.IsNullOrEmpty(options.Instructions))
        {
            shape.Text += TextTokens.Estimate(options.Instructions, family.Weights);
            shape.Messages++;
        }

        shape.Reasons = options.Reasoning is { Effort: not null and not ReasoningEffort.None };
        if (options.ConversationId is not null) shape.IsTextOnly = false;
        if (options.Tools is { Count: > 0 } tools && (options.ToolMode is not NoneChatToolMode || family.CountsSilencedTools)) AddTools(ref shape, tools, family);
        if (options.ResponseFormat is not ChatResponseFormatJson { Schema: { } schema }) return;
        shape.HasFormat = true;
        shape.Format += TextTokens.EstimateUtf8(JsonMarshal.GetRawUtf8Value(schema), family.Weights);
    }

    private static void AddTools(ref PromptShape shape, IList<AITool> tools, TokenFamily family)
    {
        // What stands around name, description and parameters: {"name":…,"description":…,"parameters":…}.
        double frame = TextTokens.Estimate("""{"name":"","description":"","parameters":}""", family.Weights);
        foreach (AITool tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
            {
                // A tool at the provider: what it brings into the context is known only there.
                shape.IsTextOnly = false;
                continue;
            }

            shape.HasTools = true;
            shape.Tools += frame + TextTokens.Estimate(function.Name, family.Weights) + TextTokens.Estimate(function.Description, family.Weights)
                + TextTokens.EstimateUtf8(JsonMarshal.GetRawUtf8Value(function.JsonSchema), family.Weights);
        }
    }
}
