using System.Net;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>How a call went. Immutable. Get it with <see cref="HarborChatResponseExtensions.GetHarborInfo(Microsoft.Extensions.AI.ChatResponse)"/>, or from <see cref="HarborTextStream.Info"/>.</summary>
public sealed class HarborCallInfo
{
    private const long Unpriced = long.MinValue;

    private static readonly TimeSpan None = TimeSpan.FromTicks(-1);

    // Of a call whose only attempt answered, as nearly all are: the attempt is made when it is asked for.
    private readonly TimeSpan _attemptDuration;
    private readonly TimeSpan _attemptFirstUpdate;
    // Small, so that they share a word with the flags.
    private readonly short _attemptStatus;
    private readonly byte _mode;

    // The attempts; until they are asked for, what that only attempt has used.
    private object? _attempts;

    // A nullable time would be twice as large, and so would a nullable amount.
    private readonly TimeSpan _firstUpdate = None;
    private readonly long _cost = Unpriced;

    /// <summary>The registered name of the provider that answered; empty where none was asked, as for a stage's own answer or another client's response.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The model that was asked for at that provider.</summary>
    public string Model { get; init; } = "";

    /// <summary>The model or alias that the caller named.</summary>
    public string RequestedModel { get; init; } = "";

    /// <summary>The recipe the call ran through.</summary>
    public PerformanceMode Mode
    {
        get => (PerformanceMode)_mode;
        init => _mode = (byte)value;
    }

    /// <summary>Every attempt, in order.</summary>
    public IReadOnlyList<HarborAttempt> Attempts
    {
        get
        {
            object? known = _attempts;
            if (known is IReadOnlyList<HarborAttempt> attempts) return attempts;
            IReadOnlyList<HarborAttempt> made = _attemptStatus == 0 ? [] : [OnlyAttempt((UsageDetails?)known)];
            _attempts = made;
            return made;
        }

        init
        {
            if (value.Count > 0) _attempts = value;
        }
    }

    /// <summary>From the start of the call to the first piece of its answer; to the whole answer where a plain call is not streamed upstream.</summary>
    public TimeSpan? TimeToFirstUpdate
    {
        get => _firstUpdate < TimeSpan.Zero ? null : _firstUpdate;
        init => _firstUpdate = value ?? None;
    }

    /// <summary>From the start of the call to its end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why the model stopped, in the provider's own word.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The provider's id of the request, for its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>Where the answer came from.</summary>
    public CacheLevel CacheLevel
    {
        get => Hit?.Level ?? CacheLevel.None;
        init => Hit = value == CacheLevel.None ? null : CacheHit.Told(value);
    }

    /// <summary>What the answer used when it was made, and this call did not, because the answer was kept.</summary>
    /// <value><see langword="null"/> where a provider answered, or where it did not say what it used.</value>
    public UsageDetails? Saved => Hit?.Saved;

    /// <summary>What that would have cost at the present price of the model that gave the answer.</summary>
    /// <value><see langword="null"/> where a provider answered, or where the price is not known.</value>
    public Money? SavedCost => Hit?.SavedCost;

    /// <summary>Whether the answer was kept longer than it should have been, and serves because its provider is down (<see cref="CacheOptions.StaleFor"/>).</summary>
    public bool IsStale => Hit is { IsStale: true };

    /// <summary>How near the question was that this answer was first given to, where it was not the same one (<see cref="HarborBuilder.UseSemanticCache(string, Action{SemanticCacheOptions}?)"/>): a cosine, 1 at most.</summary>
    /// <value><see langword="null"/> for all other answers.</value>
    public double? Similarity => Hit?.Similarity;

    /// <summary>What the call cost, all attempts included; <see langword="null"/> means unpriced, never zero.</summary>
    /// <value>Zero for an answer that was kept, and for one that another caller's request brought.</value>
    public Money? Cost
    {
        get => _cost == Unpriced ? null : new Money(_cost);
        init => _cost = value?.NanoUsd ?? Unpriced;
    }

    /// <summary>Whether a part of the cost is an estimate; the attempts say which.</summary>
    public bool IsCostEstimated { get; init; }

    /// <summary>Whether a budget allowed the answer fewer tokens than were asked for, because it had no room for more. The answer ended before it reached them.</summary>
    public bool MaxOutputTokensLowered { get; init; }

    /// <summary>Why the call went the way it went: who was considered, passed over, asked and waited for, and who answered.</summary>
    /// <value>In order of time; at least who was asked and who answered. Empty where nobody was asked.</value>
    public IReadOnlyList<HarborDecision> Decisions => Noted is null && Attempts.Count == 0 ? [] : [.. Noted ?? [First()], Answer()];

    internal HarborDecision[]? Noted { get; init; }

    /// <summary>What there is to say of an answer that was kept; null for all others.</summary>
    internal CacheHit? Hit { get; init; }

    /// <summary>The only attempt of the call, which answered with a status and a first update. Its provider, model and request are the call's.</summary>
    internal (TimeSpan Duration, TimeSpan FirstUpdate, HttpStatusCode Status, UsageDetails? Usage)? Only
    {
        init
        {
            if (value is { } only) (_attemptDuration, _attemptFirstUpdate, _attemptStatus, _attempts) = (only.Duration, only.FirstUpdate, (short)only.Status, only.Usage);
        }
    }

    private HarborDecision First() => new(DecisionKind.Attempt, TimeSpan.Zero, $"{Provider}/{Model}", "asked first", attempt: 1);

    private HarborDecision Answer() => new(
        DecisionKind.Answer, Duration, $"{Provider}/{Model}", $"finished with {FinishReason ?? "an unknown reason"}", attempt: Attempts.LastOrDefault(attempt => attempt is { Error: null, IsOvertaken: false })?.Number);

    private HarborAttempt OnlyAttempt(UsageDetails? usage) => new()
    {
        Number = 1,
        Provider = Provider,
        Model = Model,
        Duration = _attemptDuration,
        TimeToFirstUpdate = _attemptFirstUpdate,
        StatusCode = (HttpStatusCode)_attemptStatus,
        RequestId = RequestId,
        Usage = usage,
        Cost = Cost,
        IsCostEstimated = IsCostEstimated,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Provider}/{Model} {Mode} {Duration.TotalMilliseconds:F0} ms, {Attempts.Count} attempt{(Attempts.Count == 1 ? "" : "s")}, {(CacheLevel == CacheLevel.None ? "" : $"from {CacheLevel}, ")}finish {FinishReason ?? "unknown"}, cost {Cost?.ToString() ?? "unpriced"}";
}
