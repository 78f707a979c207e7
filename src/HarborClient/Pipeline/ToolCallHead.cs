using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>How a tool call begins. Immutable.</summary>
/// <param name="CallId">The id to answer it with; made up when the provider gave none.</param>
/// <param name="Name">The tool's name.</param>
public sealed record ToolCallHead(string CallId, string Name)
{
    /// <summary>What else the provider says of the call and wants back with it; it becomes the content's <see cref="AIContent.AdditionalProperties"/>.</summary>
    /// <value>Default <see langword="null"/>: nothing.</value>
    public AdditionalPropertiesDictionary? Properties { get; init; }
}
