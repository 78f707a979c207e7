namespace HarborClient;

/// <summary>How a tool call begins. Immutable.</summary>
/// <param name="CallId">The id to answer it with; made up when the provider gave none.</param>
/// <param name="Name">The tool's name.</param>
public sealed record ToolCallHead(string CallId, string Name);
