namespace HarborClient.Pipeline.Stages;

/// <summary>An attempt that has begun to answer.</summary>
internal readonly record struct OpenAttempt(UpdateReader Reader, int Position);
