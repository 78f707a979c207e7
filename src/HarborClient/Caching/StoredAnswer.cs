using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>A chat answer as it is kept: what the model said, without the ids of the call that it was said in. Immutable, shared by all who are answered with it.</summary>
internal sealed class StoredAnswer
{
    /// <summary>The registered name of the provider that gave it.</summary>
    internal required string Provider { get; init; }

    /// <summary>The model that was asked there.</summary>
    internal required string TargetModel { get; init; }

    /// <summary>The model that answered, as the provider names it.</summary>
    internal string? Model { get; init; }

    /// <summary>When the provider made it, by its clock.</summary>
    internal DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Why the model stopped, in the provider's own word.</summary>
    internal string? FinishReason { get; init; }

    /// <summary>What it used when it was made. Never changed, and never handed out without a copy.</summary>
    internal UsageDetails? Usage { get; init; }

    /// <summary>What else the provider said of it, such as <c>service_tier</c>.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    internal required IReadOnlyList<StoredRun> Runs { get; init; }

    internal bool CallsTools => Runs.Any(run => run.Kind == HarborUpdateKind.ToolCall);
}
