using System.Diagnostics.CodeAnalysis;

namespace HarborClient;

/// <summary>Whether an image is fit to be shown. Immutable.</summary>
/// <param name="Safe">Whether it is.</param>
public sealed record ImageSafety(bool Safe)
{
    /// <summary>What is wrong with it.</summary>
    [AllowNull]
    public IReadOnlyList<string> Issues { get; init => field = value ?? []; } = [];
}
