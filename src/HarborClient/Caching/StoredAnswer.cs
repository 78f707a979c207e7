using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>A chat answer as it is kept: what the model said, without the ids of the call that it was said in. Immutable, shared by all who are answered with it.</summary>
internal sealed class StoredAnswer
{
    private CacheHit? _inMemory;

    private SavedCost? _saving;

    // Packed: the object would take several times the room.
    private readonly byte[]? _usage;

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

    /// <summary>What it used when it was made; a new copy each time, since whoever is given one may change it.</summary>
    internal UsageDetails? Usage
    {
        get => _usage is null ? null : UsageCodec.Unpack(_usage);
        init => (_usage, TotalTokens) = value is null ? default : (UsageCodec.Pack(value), value.TotalTokenCount ?? ((value.InputTokenCount ?? 0) + (value.OutputTokenCount ?? 0)));
    }

    /// <summary>What it would cost now, as it was last reckoned. Replaced as a whole; two threads may reckon one each: they are equal.</summary>
    internal SavedCost? Saving
    {
        get => Volatile.Read(ref _saving);
        set => Volatile.Write(ref _saving, value);
    }

    /// <summary>All tokens that it used, where the provider said so; otherwise 0.</summary>
    internal long TotalTokens { get; private init; }

    /// <summary>What else the provider said of it, such as <c>service_tier</c>.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    internal required StoredRun[] Runs { get; init; }

    /// <summary>What a call is told that is answered with it from memory; made when the first one is, and when it saves another amount. Two threads may make one each: they are equal.</summary>
    internal CacheHit InMemory => _inMemory is { } known && known.SavedCost == Saving?.Cost ? known : _inMemory = new CacheHit(this, CacheLevel.Memory, isStale: false);

    internal bool CallsTools => Array.Exists(Runs, run => run.Kind == HarborUpdateKind.ToolCall);

    /// <summary>Whether another answer has the same text.</summary>
    internal bool SaysLike(StoredAnswer other)
    {
        if (ReferenceEquals(this, other)) return true;
        StoredRun[] own = [.. Runs.Where(run => run.Kind == HarborUpdateKind.Text)];
        StoredRun[] others = [.. other.Runs.Where(run => run.Kind == HarborUpdateKind.Text)];
        return own.Length == others.Length && own.Zip(others).All(pair => pair.First.Utf8.Span.SequenceEqual(pair.Second.Utf8.Span));
    }
}
