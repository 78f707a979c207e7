namespace HarborClient;

/// <summary>What a <see cref="HarborUpdate"/> carries.</summary>
public enum HarborUpdateKind : byte
{
    /// <summary>What the provider said of the answer as a whole: an <see cref="AnswerIdentity"/> in <see cref="HarborUpdate.Value"/>.</summary>
    Identity,

    /// <summary>
    /// A piece of the answer's text. An <c>IList&lt;AIAnnotation&gt;</c> in <see cref="HarborUpdate.Value"/> belongs to the text since the last such list; the
    /// text may then be empty. An empty list says that the text so far has none, and that another text begins.
    /// </summary>
    Text,

    /// <summary>
    /// A piece of the model's reasoning. A <see cref="string"/> in <see cref="HarborUpdate.Value"/> is the provider's protected form of it
    /// (<see cref="Microsoft.Extensions.AI.TextReasoningContent.ProtectedData"/>) and ends it; the text may then be empty. Where there is more to keep, a
    /// <see cref="Microsoft.Extensions.AI.TextReasoningContent"/> without text takes the string's place.
    /// </summary>
    Reasoning,

    /// <summary>A piece of a refusal.</summary>
    Refusal,

    /// <summary>A piece of a tool call's arguments; the first of a call has its <see cref="ToolCallHead"/> in <see cref="HarborUpdate.Value"/>.</summary>
    ToolCall,

    /// <summary>A whole piece of content: an <see cref="Microsoft.Extensions.AI.AIContent"/> in <see cref="HarborUpdate.Value"/>.</summary>
    Content,

    /// <summary>Token counts so far (<see cref="Microsoft.Extensions.AI.UsageDetails"/>); a later one replaces an earlier one.</summary>
    Usage,

    /// <summary>Why the model stopped, in the provider's own word (a <see cref="string"/>).</summary>
    Finish,

    /// <summary>The result of an operation that is not chat, such as embeddings, whole.</summary>
    Payload,

    /// <summary>
    /// The tool call <see cref="HarborUpdate.Index"/> is complete, where the dialect says so: it is shown in its place, and not at the end of the answer.
    /// </summary>
    ToolCallEnd,

    /// <summary>Everything before is void: the answer starts over. <see cref="HarborUpdate.Value"/> is the <see cref="HarborException"/> that broke the first one.</summary>
    Restart,
}
