namespace HarborClient;

/// <summary>How a long job is getting on.</summary>
/// <param name="JobId">The job's id at its provider.</param>
/// <param name="Status">How it stands.</param>
/// <param name="ProviderStatus">The same in the provider's own word; <see langword="null"/> before the first look.</param>
/// <param name="Elapsed">Since the waiting, or the look, began.</param>
public readonly record struct JobProgress(string JobId, JobStatus Status, string? ProviderStatus, TimeSpan Elapsed);
