using HarborClient.Testing;
using HarborClient.Tests.Resilience;

namespace HarborClient.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class HedgeTelemetryTests
{
    private const string Hedges = "harbor.client.hedges";

    [Theory]
    [InlineData("won", 1)]
    [InlineData("lost", 30)]
    public async Task A_second_attempt_is_counted_with_its_result_and_logged(string result, int secondTakesSeconds)
    {
        var logs = new RecordedLogs();
        using var metrics = new MetricRecorder(Hedges);
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UseLoggerFactory(logs)).WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("from a"));
        hosts.B.ThenReply(HedgedHosts.Answer("from b").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(secondTakesSeconds)));

        await hosts.AskAsync();

        Measurement counted = metrics.Of(Hedges).Should().ContainSingle().Which;
        counted.Value.Should().Be(1);
        counted.Tags["harbor.hedge.result"].Should().Be(result);
        counted.Tags["gen_ai.request.model"].Should().Be("two");
        logs.Of(50).Should().ContainSingle().Which.Message.Should().Be("a/one has not begun to answer within 00:00:01, and b/two is asked beside it");
        logs.Of(51).Should().HaveCount(result == "won" ? 1 : 0);
    }

    [Fact]
    public async Task One_that_fails_with_the_first_is_counted_as_failed()
    {
        using var metrics = new MetricRecorder(Hedges);
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();
        hosts.A.ThenReply(EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(3)));
        hosts.B.Then(503);

        await hosts.AskAsync();

        metrics.Of(Hedges).Should().ContainSingle().Which.Tags["harbor.hedge.result"].Should().Be("failed");
    }
}
