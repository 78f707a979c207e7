namespace HarborClient.Pipeline;

/// <summary>What a provider says of a job: the payload of a call that starts one or looks at one. Immutable.</summary>
/// <param name="Id">Its id, where it was said.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Word">The same in the provider's own word.</param>
internal sealed record JobAnswer(string? Id, JobStatus Status, string? Word)
{
    /// <summary>Why it failed, where it was said.</summary>
    internal HarborException? Error { get; init; }

    /// <summary>Addresses of the videos and of their cover images.</summary>
    internal IReadOnlyList<(string Video, string? Cover)> Videos { get; init; } = [];
}
