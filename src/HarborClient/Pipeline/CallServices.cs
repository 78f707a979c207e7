using System.Text.Json;
using HarborClient.Pools;
using Microsoft.Extensions.Logging;

namespace HarborClient.Pipeline;

/// <summary>What every call of one client shares. Immutable.</summary>
internal sealed class CallServices
{
    internal required TimeProvider Time { get; init; }

    internal required ResourceCounters Counters { get; init; }

    internal required ILogger Logger { get; init; }

    internal required JsonSerializerOptions Json { get; init; }

    internal required TelemetryOptions Telemetry { get; init; }

    internal required ClockOptions Clocks { get; init; }

    internal required ClockPool ClockPool { get; init; }

    /// <summary>Cancelled when the client is disposed.</summary>
    internal required CancellationToken Shutdown { get; init; }
}
