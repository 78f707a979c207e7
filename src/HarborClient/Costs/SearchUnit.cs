namespace HarborClient.Costs;

/// <summary>What a provider charges for when it searches.</summary>
internal enum SearchUnit
{
    /// <summary>Each query.</summary>
    Query,

    /// <summary>A request with searches, however many: Gemini 2.5.</summary>
    Request,

    /// <summary>Every request, as the model always searches, and does not say how often: OpenAI's search models in chat completions.</summary>
    Always,
}
