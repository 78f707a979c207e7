namespace HarborClient.Costs;

/// <summary>What providers count that has no member of its own in <see cref="Microsoft.Extensions.AI.UsageDetails"/>: names in its AdditionalCounts.</summary>
internal static class UsageCounts
{
    /// <summary>Tokens written to a provider's prompt cache; a part of the input.</summary>
    internal const string CacheWrite = "CacheWriteInputTokenCount";

    /// <summary>Of those, the ones kept for five minutes.</summary>
    internal const string CacheWriteFiveMinutes = "CacheWrite5mInputTokenCount";

    /// <summary>Of those, the ones kept for an hour.</summary>
    internal const string CacheWriteOneHour = "CacheWrite1hInputTokenCount";

    /// <summary>Input tokens of images.</summary>
    internal const string ImageInput = "ImageInputTokenCount";

    /// <summary>Queries of the provider's own web search, under Claude's name for them.</summary>
    internal const string WebSearches = "web_search_requests";
}
