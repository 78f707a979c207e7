namespace HarborClient.Pipeline;

/// <summary>What a service is asked. Immutable.</summary>
/// <param name="Kind">Which of a provider's services.</param>
/// <param name="Json">The caller's own JSON, or the parameters as an object under their usual names; empty when a job is looked at.</param>
/// <param name="JobId">The job that is looked at; null when something is started.</param>
internal sealed record ServiceInput(ServiceKind Kind, ReadOnlyMemory<byte> Json = default, string? JobId = null);
