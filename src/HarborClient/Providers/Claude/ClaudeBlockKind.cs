namespace HarborClient.Providers.Claude;

/// <summary>What a block of content is to the client; everything that is not a type of its own is carried as it is.</summary>
internal enum ClaudeBlockKind
{
    Other,
    Text,
    Thinking,
    RedactedThinking,
    ToolUse,
}
