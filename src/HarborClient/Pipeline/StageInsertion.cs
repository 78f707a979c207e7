namespace HarborClient.Pipeline;

/// <summary>A stage that a user inserts into every mode's chain.</summary>
internal sealed record StageInsertion(StageScope Scope, Func<PipelineStage, PipelineStage> Create);
