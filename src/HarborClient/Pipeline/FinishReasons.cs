using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline;

/// <summary>What the providers' words for the end of an answer mean in the vocabulary of Microsoft.Extensions.AI.</summary>
internal static class FinishReasons
{
    /// <summary>The reason that callers see; a word that nobody documents is kept as it is.</summary>
    /// <param name="word">The provider's own word, which <see cref="HarborCallInfo.FinishReason"/> shows.</param>
    /// <param name="hasToolCalls">Whether the answer has calls that wait for their results: several hosts say "stop" then.</param>
    /// <returns>Null where the provider gave none.</returns>
    internal static ChatFinishReason? Of(string? word, bool hasToolCalls) => word switch
    {
        null or "" => null,

        // OpenAI and its family; Responses; Claude; Gemini.
        "stop" or "completed" or "end_turn" or "stop_sequence" or "STOP" => hasToolCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        "length" or "incomplete:max_output_tokens" or "max_tokens" or "model_context_window_exceeded" or "MAX_TOKENS" => ChatFinishReason.Length,
        "tool_calls" or "function_call" or "tool_use" => ChatFinishReason.ToolCalls,

        // Zhipu says sensitive; the words in capitals are Gemini's finish and block reasons.
        "content_filter" or "incomplete:content_filter" or "refusal" or "sensitive" => ChatFinishReason.ContentFilter,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR" or "JAILBREAK" => ChatFinishReason.ContentFilter,
        "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(word),
    };
}
