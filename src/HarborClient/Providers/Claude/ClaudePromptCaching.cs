namespace HarborClient;

/// <summary>Who decides what Claude keeps in its prompt cache.</summary>
/// <remarks>
/// Tokens that Claude reads from its cache cost a tenth of the price of input; writing them costs a quarter more, once. Marks of the caller's own,
/// <c>AdditionalProperties["cache_control"]</c> of a content, a message, a tool or the options, replace the automatic ones in either setting: a value
/// for the wire, or just <c>"5m"</c> or <c>"1h"</c>.
/// </remarks>
public enum ClaudePromptCaching
{
    /// <summary>
    /// Marks tools, system prompt and history of a conversation that is going on: one in which the model has already spoken, so that its beginning was
    /// sent before and most likely will be sent again. A single question is never marked, and so never costs more. Prefixes under 4,096 bytes are
    /// not marked either: no model keeps them.
    /// </summary>
    Auto,

    /// <summary>Marks nothing by itself.</summary>
    Off,
}
