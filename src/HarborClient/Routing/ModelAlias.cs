namespace HarborClient.Routing;

/// <summary>A name for an ordered list of targets. Immutable.</summary>
internal sealed record ModelAlias(IReadOnlyList<Target> Targets, HarborChatOptions? Defaults, bool IsOneEmbeddingModel = true);
