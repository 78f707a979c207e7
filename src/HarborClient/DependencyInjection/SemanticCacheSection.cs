using HarborClient.Errors;

namespace HarborClient.DependencyInjection;

/// <summary>The SemanticCache section: it switches the semantic cache on, in place of what code set.</summary>
internal sealed class SemanticCacheSection
{
    public string? EmbeddingModel { get; set; }

    public double? Threshold { get; set; }

    public double? Margin { get; set; }

    public int? MaximumEntries { get; set; }

    public TimeSpan? Timeout { get; set; }

    internal void ApplyTo(HarborBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(EmbeddingModel))
            throw ErrorFactory.Setting(ErrorKind.Configuration, "SemanticCache has no EmbeddingModel: name the model that embeds the questions, as in 'openai/text-embedding-3-small', or call UseSemanticCache with a generator of your own in code.");
        builder.UseSemanticCache(EmbeddingModel, options =>
        {
            options.Threshold = Threshold ?? options.Threshold;
            options.Margin = Margin ?? options.Margin;
            options.MaximumEntries = MaximumEntries ?? options.MaximumEntries;
            options.Timeout = Timeout ?? options.Timeout;
        });
    }
}
