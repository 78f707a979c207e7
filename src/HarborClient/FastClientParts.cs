using HarborClient.Costs;
using HarborClient.Options;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>What a builder hands to the client it builds, validated.</summary>
internal sealed class FastClientParts
{
    internal required ClockOptions Clocks { get; init; }

    internal required PerformanceMode Mode { get; init; }

    internal required string? DefaultModel { get; init; }

    internal required string? DefaultEmbeddingModel { get; init; }

    internal required TimeProvider Time { get; init; }

    internal required ILogger Logger { get; init; }

    internal required ValueJson ValueJson { get; init; }

    internal required TelemetryOptions Telemetry { get; init; }

    internal required CacheOptions Cache { get; init; }

    internal required MemoryCacheOptions MemoryCache { get; init; }

    /// <summary>Null where only the same question has the same answer.</summary>
    internal required SemanticCacheOptions? Semantic { get; init; }

    /// <summary>Embeds questions for <see cref="Semantic"/>; null where the client does so itself.</summary>
    internal required IEmbeddingGenerator<string, Embedding<float>>? QuestionGenerator { get; init; }

    /// <summary>The model that embeds questions, where the client does so itself.</summary>
    internal required string? QuestionModel { get; init; }

    internal required IReadOnlyList<StageInsertion> Stages { get; init; }

    internal required IReadOnlyList<AliasDefinition> Models { get; init; }

    internal required RandomSource Random { get; init; }

    internal required ITokenCounter? TokenCounter { get; init; }

    internal required ToolInvocationOptions? Tools { get; init; }

    internal required IServiceProvider? Services { get; init; }

    internal required LocalRules? Local { get; init; }

    internal required MemoryGuard Memory { get; init; }

    internal required PriceBook Prices { get; init; }

    internal required LedgerOptions Ledger { get; init; }

    /// <summary>Null where only budgets and models without a price are told of.</summary>
    internal required AlertOptions? Alerts { get; init; }

    internal required BudgetBook Budgets { get; init; }

    internal required ResourceCounters Counters { get; init; }

    /// <summary>Null when no caller is limited.</summary>
    internal required CallerLimitOptions? CallerLimits { get; init; }

    /// <summary>Null when only calls of aliases with settings of their own are hedged, or none.</summary>
    internal required HedgingOptions? Hedging { get; init; }

    internal bool HedgesSome => Hedging is not null || Models.Any(alias => alias.Hedging is not null);

    /// <summary>The recipes of calls that name none, by their places.</summary>
    internal IEnumerable<int> Recipes => Models.Select(alias => alias.Defaults?.Mode).OfType<PerformanceMode>().Append(Mode).Select(mode => (int)mode);

    /// <summary>What every call of the client shares.</summary>
    internal CallServices ServicesFor(IAttemptMeter meter, ISpendGuard? spending, CancellationToken shutdown) => new()
    {
        Time = Time,
        Counters = Counters,
        Logger = Logger,
        ValueJson = ValueJson,
        Telemetry = Telemetry,
        Clocks = Clocks,
        Memory = Memory,
        Meter = meter,
        Spending = spending,
        Random = Random,
        ClockPool = new ClockPool(Time, shutdown),
        Shutdown = shutdown,
    };
}
