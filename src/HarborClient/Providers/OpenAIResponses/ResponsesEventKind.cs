namespace HarborClient.Providers.OpenAIResponses;

/// <summary>What an event of a stream is, as far as it matters.</summary>
internal enum ResponsesEventKind
{
    /// <summary>Progress, a repetition of what deltas said, or something new.</summary>
    Other,
    TextDelta,
    ReasoningDelta,
    RefusalDelta,
    ArgumentsDelta,
    ItemAdded,
    ItemDone,

    /// <summary>The response as it stands: created, queued, in progress.</summary>
    Response,

    /// <summary>The response as it ended: completed, incomplete, failed, cancelled.</summary>
    Terminal,
    Error,
}
