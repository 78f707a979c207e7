using HarborClient.Errors;

namespace HarborClient;

/// <summary>Answers to questions that mean the same (<see cref="HarborBuilder.UseSemanticCache(string, Action{SemanticCacheOptions}?)"/>).</summary>
public sealed class SemanticCacheOptions
{
    /// <summary>How near two questions must be to have one answer, as the cosine of their embeddings. Models differ in what they call near: try yours on questions of your own.</summary>
    /// <value>Default 0.95; 0.8 to 1.</value>
    public double Threshold { get; set; } = 0.95;

    /// <summary>By how much the nearest question must be nearer than any with another answer; otherwise the call is not answered so.</summary>
    /// <value>Default 0.01; 0 to 0.2. At 0 the nearest counts.</value>
    public double Margin { get; set; } = 0.01;

    /// <summary>How many questions are known at once, of all models and tenants; beyond that the oldest is forgotten. One takes as many bytes as its embedding has numbers, and about 500 more.</summary>
    /// <value>Default 10,000; 1 to 1,000,000.</value>
    public int MaximumEntries { get; set; } = 10_000;

    /// <summary>How long an embedding is waited for. A call whose embedding takes longer goes on without, and after several such calls they are not asked for a while.</summary>
    /// <value>Default 200 ms; 10 ms to 10 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(200);

    internal SemanticCacheOptions Validated()
    {
        SettingCheck.Share(Threshold, 0.8, 1, "The Threshold of UseSemanticCache");
        SettingCheck.Share(Margin, 0, 0.2, "The Margin of UseSemanticCache");
        SettingCheck.Range(MaximumEntries, 1, 1_000_000, "The MaximumEntries of UseSemanticCache");
        SettingCheck.Range(Timeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10), "The Timeout of UseSemanticCache");
        return (SemanticCacheOptions)MemberwiseClone();
    }
}
