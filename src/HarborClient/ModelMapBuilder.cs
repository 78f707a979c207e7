using HarborClient.Routing;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What an alias stands for. Used inside <see cref="HarborBuilder.MapModel(string, Action{ModelMapBuilder})"/>; not thread-safe.</summary>
public sealed partial class ModelMapBuilder
{
    private readonly List<TargetDefinition> _targets = [];

    internal ModelMapBuilder()
    {
    }

    internal HarborChatOptions? Defaults { get; private set; }

    internal bool AreOneEmbeddingModel { get; private set; }

    /// <summary>Adds a target after those already there.</summary>
    /// <param name="target">A model as <c>provider/model</c>, or a bare id that one provider is known to serve.</param>
    /// <param name="weight">Its part of the calls beside the other targets; 0 to 1,000,000. One of weight 0 is asked only where others fail.</param>
    /// <param name="region">Where it is, in words of one's own; see <see cref="PreferRegion"/>.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// Where all weights are 1 and <see cref="Balance"/> is not called, every call asks the targets in their order. Otherwise the first one is chosen call by
    /// call, and the others follow, in their order, where it fails.
    /// </remarks>
    public ModelMapBuilder Target(string target, double weight = 1, string? region = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(target);
        _targets.Add(new TargetDefinition(target, weight, region));
        return this;
    }

    /// <summary>
    /// Says that the targets are one embedding model under different ids, such as names of deployments: their vectors can be compared. Without it an alias
    /// whose targets have different ids is refused for embeddings.
    /// </summary>
    /// <returns>This builder.</returns>
    public ModelMapBuilder IsOneEmbeddingModel()
    {
        AreOneEmbeddingModel = true;
        return this;
    }

    /// <summary>The settings of plain <see cref="ChatOptions"/> that were set on the defaults, where they would be silently lost.</summary>
    internal IEnumerable<string> SettingsWithoutEffect()
    {
        if (Defaults is not { } set) yield break;
        if (set.ModelId is not null) yield return nameof(set.ModelId);
        if (set.Instructions is not null) yield return nameof(set.Instructions);
        if (set.ConversationId is not null) yield return nameof(set.ConversationId);
        if (set.Temperature is not null) yield return nameof(set.Temperature);
        if (set.MaxOutputTokens is not null) yield return nameof(set.MaxOutputTokens);
        if (set.TopP is not null) yield return nameof(set.TopP);
        if (set.TopK is not null) yield return nameof(set.TopK);
        if (set.FrequencyPenalty is not null) yield return nameof(set.FrequencyPenalty);
        if (set.PresencePenalty is not null) yield return nameof(set.PresencePenalty);
        if (set.Seed is not null) yield return nameof(set.Seed);
        if (set.Reasoning is not null) yield return nameof(set.Reasoning);
        if (set.ResponseFormat is not null) yield return nameof(set.ResponseFormat);
        if (set.StopSequences is not null) yield return nameof(set.StopSequences);
        if (set.AllowMultipleToolCalls is not null) yield return nameof(set.AllowMultipleToolCalls);
        if (set.ToolMode is not null) yield return nameof(set.ToolMode);
        if (set.Tools is not null) yield return nameof(set.Tools);
        if (set.RawRepresentationFactory is not null) yield return nameof(set.RawRepresentationFactory);
        if (set.AdditionalProperties is not null) yield return nameof(set.AdditionalProperties);
    }

    /// <summary>Gives settings to every call of this alias that does not set them itself.</summary>
    /// <param name="configure">Sets them; only the settings that <see cref="HarborChatOptions"/> adds to <c>ChatOptions</c>; another one is a Configuration error.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder WithDefaults(Action<HarborChatOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(Defaults ??= new HarborChatOptions());
        return this;
    }
}
