namespace HarborClient.Tests.Telemetry;

// Listeners see the calls of the whole process, so these tests run alone.
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryCollection
{
    public const string Name = "Telemetry";
}
