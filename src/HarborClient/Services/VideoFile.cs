namespace HarborClient;

/// <summary>A video that a job made. Immutable.</summary>
/// <param name="Url">Where it lies, for a while.</param>
/// <param name="CoverImageUrl">A still of it, where there is one.</param>
public sealed record VideoFile(Uri Url, Uri? CoverImageUrl);
