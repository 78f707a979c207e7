namespace HarborClient.Telemetry;

/// <summary>A client's targets, as its gauges read them. Owner: the client.</summary>
internal sealed class TargetSource(Func<IEnumerable<TargetReading>> read) : IDisposable
{
    internal IEnumerable<TargetReading> Read() => read();

    public void Dispose() => TargetMeter.Remove(this);
}
