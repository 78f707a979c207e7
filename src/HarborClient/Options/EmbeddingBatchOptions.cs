using HarborClient.Errors;

namespace HarborClient;

/// <summary>How embedding calls are joined into the requests that a provider takes.</summary>
/// <remarks>
/// A call that finds fewer than <see cref="MaxConcurrentBatches"/> requests of its model under way goes out at once and alone. Calls that come while so
/// many are under way are gathered, and go out together as soon as one of those ends, or after <see cref="MaxWait"/>. Only calls that differ in nothing
/// but their texts, their timeout and their token are joined: same model, dimensions, properties, tenant, user, tags, cache scope and the rest. Each
/// keeps its own timeout and token, and gets its own share of the usage or its own error. A shared request belongs to none of its callers and is
/// nobody's child in a trace. Of an alias with several providers the smallest limits hold. Where <see cref="LimitOptions.Tuning"/> has a target, requests have as many
/// texts as its micro-batch at most.
/// </remarks>
public sealed class EmbeddingBatchOptions
{
    /// <summary>Whether calls are joined, and calls that are too large for one request split.</summary>
    /// <value>Default <see langword="true"/>. With <see langword="false"/> one call is one request.</value>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Most texts in one request. A call with more becomes several requests, put together in order.</summary>
    /// <value>Default <see langword="null"/>: what the provider documents (OpenAI and Azure 2,048, Gemini 100, Zhipu 64), 32 for own hosts; 1 to 100,000.</value>
    public int? MaxItems { get; set; }

    /// <summary>Most tokens in one request, as estimated. A single text above it goes alone.</summary>
    /// <value>Default <see langword="null"/>: 270,000 at OpenAI and Azure, nine tenths of their limit, because it is an estimate; elsewhere 100,000; 1 to 100,000,000.</value>
    public int? MaxTokens { get; set; }

    /// <summary>Longest time that a call waits to be joined with others.</summary>
    /// <value>Default 20 ms; 1 ms to 10 s. A call waits only while <see cref="MaxConcurrentBatches"/> requests are under way.</value>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Requests of one model under way at a time before calls are gathered.</summary>
    /// <value>Default 4; 1 to 1,000.</value>
    public int MaxConcurrentBatches { get; set; } = 4;

    internal EmbeddingBatchOptions Validated(string section)
    {
        if (MaxItems is { } items) SettingCheck.Range(items, 1, 100_000, $"{section}.EmbeddingBatches.MaxItems");
        if (MaxTokens is { } tokens) SettingCheck.Range(tokens, 1, 100_000_000, $"{section}.EmbeddingBatches.MaxTokens");
        SettingCheck.Range((long)MaxWait.TotalMilliseconds, 1, 10_000, $"{section}.EmbeddingBatches.MaxWait (milliseconds)");
        SettingCheck.Range(MaxConcurrentBatches, 1, 1000, $"{section}.EmbeddingBatches.MaxConcurrentBatches");
        return (EmbeddingBatchOptions)MemberwiseClone();
    }
}
