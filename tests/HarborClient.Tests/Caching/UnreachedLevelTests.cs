using HarborClient.Testing;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests.Caching;

// Who adds a level in a mode that does not look there is told.
public sealed class UnreachedLevelTests
{
    private const int NotReached = 97;

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    public async Task A_level_that_the_clients_mode_does_not_reach_is_said_once(PerformanceMode mode)
    {
        using var logs = new RecordedLogs();
        await using FastClient client = Client(logs, mode);

        await client.GetResponseAsync("hi");

        RecordedLogs.Entry entry = logs.Of(NotReached).Should().ContainSingle().Subject;
        entry.Level.Should().Be(LogLevel.Warning);
        entry.Message.Should().Contain(nameof(ScriptedLevel)).And.Contain("UseMode");
    }

    [Fact]
    public async Task In_Full_nothing_is_said()
    {
        using var logs = new RecordedLogs();
        await using FastClient client = Client(logs, PerformanceMode.Full);

        logs.Of(NotReached).Should().BeEmpty();
    }

    [Fact]
    public async Task Nor_where_an_alias_is_in_Full()
    {
        using var logs = new RecordedLogs();
        await using FastClient client = Client(logs, PerformanceMode.Balanced, h => h.MapModel("kept", map => map.Target("lab/model").WithDefaults(o => o.Mode = PerformanceMode.Full)));

        logs.Of(NotReached).Should().BeEmpty();
    }

    private static FastClient Client(RecordedLogs logs, PerformanceMode mode, Action<HarborBuilder>? configure = null) =>
        TestClients.Local(new ProviderEmulator(), TimeProvider.System, mode, configure: h =>
        {
            h.UseLoggerFactory(logs).UseCacheLevel(() => new ScriptedLevel());
            configure?.Invoke(h);
        });
}
