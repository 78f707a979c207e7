namespace HarborClient;

/// <summary>The stages a mode's calls run through, outermost first. Immutable.</summary>
public sealed class PipelineDescription
{
    internal PipelineDescription(PerformanceMode mode, IReadOnlyList<string> stages)
    {
        Mode = mode;
        Stages = stages;
    }

    /// <summary>The mode.</summary>
    public PerformanceMode Mode { get; }

    /// <summary>Names of the stages, outermost first.</summary>
    public IReadOnlyList<string> Stages { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Mode}: {string.Join(" → ", Stages)}";
}
