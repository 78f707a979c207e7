using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>Makes <see cref="HarborCallInfo"/> of a call, and carries it through AdditionalProperties as JSON primitives.</summary>
internal static class CallInfo
{
    internal const string RestartKey = "harbor.restart";

    private const string ProviderKey = "harbor.provider";
    private const string ModelKey = "harbor.model";
    private const string RequestedModelKey = "harbor.requested_model";
    private const string ModeKey = "harbor.mode";
    private const string AttemptsKey = "harbor.attempts";
    private const string DecisionsKey = "harbor.decisions";
    private const string FirstUpdateKey = "harbor.time_to_first_update_ms";
    private const string DurationKey = "harbor.duration_ms";
    private const string FinishKey = "harbor.finish_reason";
    private const string RequestIdKey = "harbor.request_id";
    private const string CacheLevelKey = "harbor.cache_level";
    private const string CostKey = "harbor.cost_nano_usd";
    private const string EstimatedKey = "harbor.is_cost_estimated";
    private const string LoweredKey = "harbor.max_output_tokens_lowered";
    private const string SavedKey = "harbor.saved_usage";
    private const string SavedCostKey = "harbor.saved_cost_nano_usd";
    private const string StaleKey = "harbor.is_stale";
    private const string SimilarityKey = "harbor.similarity";

    internal static HarborCallInfo Of(Call call)
    {
        // A stage that answers by itself asks nobody.
        Target? target = call.AttemptCount > 0 || call.Hit is not null ? call.AnsweringTarget : null;
        (TimeSpan Duration, TimeSpan FirstUpdate, System.Net.HttpStatusCode Status, UsageDetails? Usage)? only = call.OnlyAttempt;
        Money? cost = call.TotalCost(out bool isEstimated);
        return new HarborCallInfo
        {
            Provider = target?.Provider ?? "",
            Model = target?.Model ?? "",
            RequestedModel = call.RequestedModel,
            Mode = call.Settings.Mode,
            Attempts = only is null ? call.DescribeAttempts() : [],
            Only = only,
            TimeToFirstUpdate = call.TimeToFirstUpdate,
            Duration = call.Elapsed,
            FinishReason = call.Hit is { } hit ? hit.Answer.FinishReason : call.Fold.FinishReason,
            Hit = call.Hit,
            RequestId = call.Adopted?.RequestId,
            Noted = call.Decisions,
            Cost = cost,
            IsCostEstimated = isEstimated,
            MaxOutputTokensLowered = call.Adopted is { IsOutputLowered: true },
        };
    }

    /// <summary>The information of a caller whose request went out with others', or in several: what the requests have in common, all attempts, its own time.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="duration">Its own time.</param>
    /// <param name="cost">Its own share of what they cost; null where that is not known.</param>
    /// <param name="shareOf">Its share of what an attempt cost; null where nobody else has one.</param>
    internal static HarborCallInfo Of(IReadOnlyList<HarborCallInfo> requests, TimeSpan duration, Money? cost, Func<Money?, Money?>? shareOf = null)
    {
        HarborCallInfo last = requests[^1];
        HarborAttempt[] attempts = [.. requests.SelectMany(request => request.Attempts).Select((attempt, i) => attempt.Number == i + 1 ? attempt : attempt.Numbered(i + 1))];
        if (shareOf is not null) attempts = [.. attempts.Select(attempt => attempt.WithShare(shareOf(attempt.Cost)))];
        return new HarborCallInfo
        {
            Provider = last.Provider,
            Model = last.Model,
            RequestedModel = last.RequestedModel,
            Mode = last.Mode,
            Attempts = attempts,
            TimeToFirstUpdate = duration,
            Duration = duration,
            RequestId = last.RequestId,
            Cost = cost,
            IsCostEstimated = requests.Any(request => request.IsCostEstimated),
            Noted = requests.Any(request => request.Noted is not null) ? [.. requests.SelectMany(request => request.Decisions)] : null,
        };
    }

    /// <summary>The information as properties.</summary>
    /// <param name="info">The information.</param>
    /// <param name="usage">What the answer itself says it used.</param>
    internal static AdditionalPropertiesDictionary ToProperties(HarborCallInfo info, UsageDetails? usage)
    {
        var properties = new AdditionalPropertiesDictionary
        {
            [ProviderKey] = info.Provider,
            [ModelKey] = info.Model,
            [RequestedModelKey] = info.RequestedModel,
            [ModeKey] = info.Mode.ToString(),
            [AttemptsKey] = AttemptJson.Write(info.Attempts, usage),
            [DurationKey] = info.Duration.TotalMilliseconds,
            [CacheLevelKey] = info.CacheLevel.ToString(),
        };
        if (info.TimeToFirstUpdate is { } first) properties[FirstUpdateKey] = first.TotalMilliseconds;
        if (info.FinishReason is { } finish) properties[FinishKey] = finish;
        if (info.RequestId is { } id) properties[RequestIdKey] = id;
        if (info.Noted is { } noted) properties[DecisionsKey] = DecisionJson.Write(noted);
        if (info.Cost is { } cost) properties[CostKey] = cost.NanoUsd;
        if (info.IsCostEstimated) properties[EstimatedKey] = true;
        if (info.MaxOutputTokensLowered) properties[LoweredKey] = true;
        if (info.Saved is { } saved) properties[SavedKey] = JsonSerializer.Serialize(saved, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(UsageDetails)));
        if (info.SavedCost is { } savedCost) properties[SavedCostKey] = savedCost.NanoUsd;
        if (info.IsStale) properties[StaleKey] = true;
        if (info.Similarity is { } similarity) properties[SimilarityKey] = similarity;
        return properties;
    }

    /// <summary>Reads what <see cref="ToProperties"/> wrote, also after a trip through JSON. What is missing or spoilt keeps its default.</summary>
    internal static HarborCallInfo From(AdditionalPropertiesDictionary? properties, UsageDetails? usage) => properties is null ? new HarborCallInfo() : new HarborCallInfo
    {
        Provider = Text(properties, ProviderKey) ?? "",
        Model = Text(properties, ModelKey) ?? "",
        RequestedModel = Text(properties, RequestedModelKey) ?? "",
        Mode = Enum.TryParse(Text(properties, ModeKey), out PerformanceMode mode) ? mode : default,
        Attempts = AttemptJson.Read(Text(properties, AttemptsKey), usage, (Integer(properties, CostKey) is { } whole ? new Money(whole) : null, Flag(properties, EstimatedKey))),
        Noted = DecisionJson.Read(Text(properties, DecisionsKey)),
        TimeToFirstUpdate = Time(properties, FirstUpdateKey),
        Duration = Time(properties, DurationKey) ?? TimeSpan.Zero,
        FinishReason = Text(properties, FinishKey),
        RequestId = Text(properties, RequestIdKey),
        Hit = Enum.TryParse(Text(properties, CacheLevelKey), out CacheLevel level) && level != CacheLevel.None
            ? CacheHit.Told(level, UsageFromJson(Text(properties, SavedKey)), Flag(properties, StaleKey), Number(properties, SimilarityKey), Integer(properties, SavedCostKey) is { } saving ? new Money(saving) : null)
            : null,
        Cost = Integer(properties, CostKey) is { } nano ? new Money(nano) : null,
        IsCostEstimated = Flag(properties, EstimatedKey),
        MaxOutputTokensLowered = Flag(properties, LoweredKey),
    };

    private static bool Flag(AdditionalPropertiesDictionary properties, string key) => properties.TryGetValue(key, out object? value) && value is true or JsonElement { ValueKind: JsonValueKind.True };

    private static UsageDetails? UsageFromJson(string? text)
    {
        if (text is null) return null;
        try
        {
            return (UsageDetails?)JsonSerializer.Deserialize(text, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(UsageDetails)));
        }
        catch (JsonException)
        {
            // Somebody else wrote this property; information about a call must never become the call's fault.
            return null;
        }
    }

    private static string? Text(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
            _ => null,
        };

    private static TimeSpan? Time(AdditionalPropertiesDictionary properties, string key) =>
        Number(properties, key) is >= 0 and { } time && time < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(time) : null;

    private static double? Number(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            double number => number,
            JsonElement { ValueKind: JsonValueKind.Number } element when element.TryGetDouble(out double number) => number,
            _ => null,
        };

    /// <summary>Never by way of a floating-point number, which would round large amounts.</summary>
    private static long? Integer(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) ? null : value switch
        {
            long number => number,
            JsonElement { ValueKind: JsonValueKind.Number } element when element.TryGetInt64(out long number) => number,
            _ => null,
        };
}
