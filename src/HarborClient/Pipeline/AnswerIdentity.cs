using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What a provider says of an answer as a whole. Immutable.</summary>
/// <param name="ResponseId">Its id, or <see langword="null"/> when the provider gave none.</param>
/// <param name="Model">The model that answered, as the provider names it.</param>
/// <param name="CreatedAt">When it was created, by the provider's clock.</param>
public sealed record AnswerIdentity(string? ResponseId, string? Model, DateTimeOffset? CreatedAt)
{
    /// <summary>Facts that only this provider states, under its own names; they are shown in <see cref="ChatResponse.AdditionalProperties"/>.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public AdditionalPropertiesDictionary? Properties { get; init; }
}
