using System.Text.Json;
using HarborClient.Options;
using HarborClient.Pools;
using HarborClient.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HarborClient.Pipeline;

/// <summary>What every call of one client shares. Immutable.</summary>
internal sealed class CallServices
{
    // Two threads may make one each: they are equal.
    private CallServices? _quiet;

    internal required TimeProvider Time { get; init; }

    internal required ResourceCounters Counters { get; init; }

    internal required ILogger Logger { get; init; }

    /// <summary>The same without a log, for requests that are written only to be compared.</summary>
    internal CallServices Quiet => _quiet ??= Silenced();

    /// <summary>For values of the caller's own types.</summary>
    internal required ValueJson ValueJson { get; init; }

    internal JsonSerializerOptions Json => ValueJson.Options;

    internal required TelemetryOptions Telemetry { get; init; }

    internal required ClockOptions Clocks { get; init; }

    internal required MemoryGuard Memory { get; init; }

    /// <summary>Holds calls to their budgets; null where there are none.</summary>
    internal ISpendGuard? Spending { get; init; }

    /// <summary>Prices attempts as they end.</summary>
    internal required IAttemptMeter Meter { get; init; }

    internal required ClockPool ClockPool { get; init; }

    /// <summary>Where every random choice comes from. Thread-safe.</summary>
    internal required RandomSource Random { get; init; }

    /// <summary>Cancelled when the client is disposed.</summary>
    internal required CancellationToken Shutdown { get; init; }

    private CallServices Silenced() => new()
    {
        Time = Time,
        Counters = Counters,
        Logger = NullLogger.Instance,
        ValueJson = ValueJson,
        Telemetry = Telemetry,
        Clocks = Clocks,
        Memory = Memory,
        Meter = Meter,
        Spending = Spending,
        Random = Random,
        ClockPool = ClockPool,
        Shutdown = Shutdown,
    };
}
