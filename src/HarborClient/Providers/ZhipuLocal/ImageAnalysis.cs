using System.Diagnostics.CodeAnalysis;

namespace HarborClient;

/// <summary>What CogAgent's <c>/analyze</c> answers: <c>{ description, objects, text, safety }</c>, each where the task asks for it. Immutable.</summary>
public sealed record ImageAnalysis
{
    /// <summary>What the image shows.</summary>
    public string? Description { get; init; }

    /// <summary>The objects in it.</summary>
    [AllowNull]
    public IReadOnlyList<DetectedObject> Objects { get; init => field = value ?? []; } = [];

    /// <summary>The text in it.</summary>
    public string? Text { get; init; }

    /// <summary>Whether it is fit to be shown.</summary>
    public ImageSafety? Safety { get; init; }
}
