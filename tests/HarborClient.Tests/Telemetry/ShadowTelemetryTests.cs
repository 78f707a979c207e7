using HarborClient.Tests.Shadows;

namespace HarborClient.Tests.Telemetry;

// A shadow must not be taken for a call: sums of calls and tokens are those of the callers.
[Collection(TelemetryCollection.Name)]
public sealed class ShadowTelemetryTests
{
    private readonly ShadowHosts _hosts = new();

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task A_shadow_is_in_the_attempts_only_and_marked_there(PerformanceMode mode)
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = _hosts.Client(mode);

        await ShadowHosts.AskAsync(client, isStreaming: false);
        await ShadowHosts.Settled(client);

        foreach (string instrument in new[] { "harbor.client.attempts", "harbor.client.attempt.duration" })
        {
            metrics.Of(instrument).Select(attempt => (attempt.Tags["gen_ai.provider.name"], attempt.Tags.GetValueOrDefault("harbor.shadow"))).Should().BeEquivalentTo(
                new (object?, object?)[] { ("main", null), ("trial", true) });
        }

        metrics.Of("gen_ai.client.operation.duration").Should().ContainSingle();
        metrics.Of("gen_ai.client.inference.usage.input_tokens").Should().ContainSingle();
        metrics.All.Where(measurement => measurement.Instrument.StartsWith("gen_ai", StringComparison.Ordinal)).Should().OnlyContain(measurement => "main".Equals(measurement.Tags["gen_ai.provider.name"]));
    }

    [Fact]
    public async Task A_shadow_has_no_span()
    {
        using var spans = new SpanRecorder();
        await using FastClient client = _hosts.Client();

        await ShadowHosts.AskAsync(client, isStreaming: true);
        await ShadowHosts.Settled(client);

        spans.Started.Should().ContainSingle().Which.GetTagItem("harbor.attempts").Should().Be(1);
    }
}
