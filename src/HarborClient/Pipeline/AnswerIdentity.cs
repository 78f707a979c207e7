using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What a provider says of an answer as a whole. Immutable.</summary>
/// <param name="ResponseId">Its id, or <see langword="null"/> when the provider gave none.</param>
/// <param name="Model">The model that answered, as the provider names it.</param>
/// <param name="CreatedAt">When it was created, by the provider's clock.</param>
public sealed record AnswerIdentity(string? ResponseId, string? Model, DateTimeOffset? CreatedAt)
{
    /// <summary>What the next request of the conversation names instead of the messages so far (<see cref="Microsoft.Extensions.AI.ChatOptions.ConversationId"/>).</summary>
    /// <value>Default <see langword="null"/>: the provider keeps no state.</value>
    public string? ConversationId { get; init; }

    /// <summary>What else the provider said, shown in the response's <c>AdditionalProperties</c> under the provider's own names, such as <c>service_tier</c> and <c>logprobs</c>.</summary>
    /// <value>Default: nothing.</value>
    public IReadOnlyList<KeyValuePair<string, object?>> Properties { get; init; } = [];
}
