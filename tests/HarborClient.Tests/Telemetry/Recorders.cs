using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace HarborClient.Tests.Telemetry;

internal sealed record Measurement(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);

// Everything that the meter records while this lives.
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Measurement> _measurements = [];
    private readonly List<Instrument> _instruments = [];

    public MetricRecorder(string? onlyInstrument = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "HarborClient") return;
            _instruments.Add(instrument);
            if (onlyInstrument is null || instrument.Name == onlyInstrument) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => _instruments;

    public IReadOnlyList<Measurement> All
    {
        get
        {
            lock (_measurements) return [.. _measurements];
        }
    }

    public IReadOnlyList<Measurement> Of(string instrument) => [.. All.Where(measurement => measurement.Instrument == instrument)];

    // Asks the gauges, and forgets what was measured before.
    public IReadOnlyList<Measurement> Observe()
    {
        lock (_measurements) _measurements.Clear();
        _listener.RecordObservableInstruments();
        return All;
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, object?>();
        foreach ((string key, object? tag) in tags)
        {
            copy.Add(key, tag);
            KeyWatch.Hear($"{key} of {instrument.Name}", tag?.ToString());
        }

        lock (_measurements) _measurements.Add(new Measurement(instrument.Name, value, copy));
    }
}

// Every span of the source that starts and stops while this lives.
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly List<Activity> _started = [];
    private readonly List<Activity> _stopped = [];

    public SpanRecorder(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "HarborClient",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStarted = activity => Add(_started, activity),
            ActivityStopped = activity =>
            {
                Add(_stopped, activity);
                Read(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Started => Copy(_started);

    public IReadOnlyList<Activity> Stopped => Copy(_stopped);

    public void Dispose() => _listener.Dispose();

    private static void Read(Activity activity)
    {
        KeyWatch.Hear("a span's name", activity.DisplayName);
        KeyWatch.Hear("a span's status", activity.StatusDescription);
        foreach ((string key, object? tag) in activity.TagObjects.Concat(activity.Events.SelectMany(one => one.Tags))) KeyWatch.Hear($"{key} of a span", tag?.ToString());
    }

    private static void Add(List<Activity> list, Activity activity)
    {
        lock (list) list.Add(activity);
    }

    private static Activity[] Copy(List<Activity> list)
    {
        lock (list) return [.. list];
    }
}
