namespace HarborClient.Caching;

/// <summary>A citation as it is kept (<see cref="Microsoft.Extensions.AI.CitationAnnotation"/>). Immutable.</summary>
/// <param name="Title">The source's title.</param>
/// <param name="Url">Where it is.</param>
/// <param name="FileId">The provider's id of the file.</param>
/// <param name="ToolName">The tool that found it.</param>
/// <param name="Snippet">What is cited.</param>
/// <param name="Regions">Where in the text the citation belongs, as pairs of start and end; an absent one is -1.</param>
internal sealed record StoredAnnotation(string? Title, string? Url, string? FileId, string? ToolName, string? Snippet, int[] Regions);
