using System.Diagnostics.Metrics;

namespace HarborClient.Telemetry;

/// <summary>The gauges of targets: read from the clients that are alive when somebody collects, and never otherwise. Thread-safe.</summary>
/// <remarks>A process has one of each, and clients may share targets: what they have in flight adds up, of breakers and batches the one in the worst state is told.</remarks>
internal static class TargetMeter
{
    private static readonly GaugeSources<TargetReading> Sources = new();

    static TargetMeter()
    {
        Gauge("harbor.client.target.in_flight", "{attempt}", "Attempts under way.", reading => reading.Load?.InFlight, Add);
        Gauge("harbor.client.target.in_flight.limit", "{attempt}", "The most attempts at once that the limits of a target allow now.", reading => reading.Load?.MaximumInFlight, Add);
        Gauge("harbor.client.target.queued", "{attempt}", "Attempts that wait for a permit; models of one family share a queue.", reading => reading.Load?.Queued, Add);
        Gauge("harbor.client.target.batch", "{text}", "The micro-batch that the tuning of a target's limits allows.", reading => reading.Load?.Batch, Math.Min);
        Gauge("harbor.client.target.breaker.state", "{state}", "The circuit breaker: 0 closed, 1 open, 2 half-open.", reading => reading.BreakerState, Math.Max);

        static long Add(long one, long other) => one + other;
    }

    /// <summary>A client's targets are read from now on, until what is returned is disposed or collected.</summary>
    internal static IDisposable Add(Func<IEnumerable<TargetReading>> read) => Sources.Add(read);

    private static void Gauge(string name, string unit, string description, Func<TargetReading, long?> value, Func<long, long, long> together) =>
        HarborMeter.Meter.CreateObservableGauge(name, () => Measure(value, together), unit, description);

    private static IEnumerable<Measurement<long>> Measure(Func<TargetReading, long?> value, Func<long, long, long> together)
    {
        var values = new Dictionary<TargetTags, long>();
        foreach (TargetReading reading in Sources.Read())
        {
            if (value(reading) is { } own) values[reading.Tags] = values.TryGetValue(reading.Tags, out long others) ? together(others, own) : own;
        }

        return values.Select(row => new Measurement<long>(row.Value, Tags(row.Key)));
    }

    private static List<KeyValuePair<string, object?>> Tags(TargetTags target)
    {
        List<KeyValuePair<string, object?>> tags =
        [
            new("gen_ai.provider.name", target.System), new("gen_ai.request.model", target.Model), new("server.address", target.Address), new("server.port", target.Port),
        ];
        if (target.Alias is not null) tags.Add(new("harbor.alias", target.Alias));
        return tags;
    }
}
