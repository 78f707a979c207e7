namespace HarborClient.Routing;

/// <summary>An alias as it was written down: names of targets, not yet looked up.</summary>
internal sealed record AliasDefinition(string Alias, IReadOnlyList<string> Targets, HarborChatOptions? Defaults, bool IsOneEmbeddingModel = false);
