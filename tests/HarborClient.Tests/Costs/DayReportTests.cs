using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// A day that is over is reported by the client that lives into the next.
public sealed class DayReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harbor-").FullName;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 22, 30, 0, TimeSpan.Zero));
    private readonly RecordedLogs _logs = new();
    private readonly TaskCompletionSource<CostDay> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProviderEmulator _provider;

    public DayReportTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("hello").Usage(1_000, 0));

    public void Dispose()
    {
        KeyWatch.ReadFiles(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_call_of_a_new_day_has_the_day_before_written_and_told(bool hasStore)
    {
        string reports = Path.Combine(_folder, "reports");
        await using FastClient client = Client(reports, hasStore ? new ListLedger() : null);
        var options = new HarborChatOptions { Tenant = "acme" };
        await client.GetResponseAsync("hi", options);
        _time.Advance(TimeSpan.FromHours(1));
        await client.GetResponseAsync("hi", options);
        await client.GetResponseAsync("hi");
        _ended.Task.IsCompleted.Should().BeFalse();

        _time.Advance(TimeSpan.FromHours(30));
        await client.GetResponseAsync("hi");

        CostDay day = await _ended.Task.Guarded();
        day.Day.Should().Be(new DateOnly(2026, 11, 24));
        day.Report.Total.Cost.Should().Be(new Money(3 * 150_000));
        day.File.Should().Be(Path.Combine(reports, "harbor-costs-2026-11-24.csv"));
        string[] lines = await File.ReadAllLinesAsync(day.File!);
        lines.Should().HaveCount(3);
        lines[0].Should().StartWith("at,provider,model");
        lines[1..].Should().ContainSingle(line => line.StartsWith("2026-11-24T00:00:00.000Z,openai,gpt-4o-mini") && line.Contains(",acme,") && line.Contains(",0.0003,"));
        Directory.GetFiles(reports).Should().ContainSingle();
    }

    [Fact]
    public async Task Without_a_folder_those_who_listen_are_told()
    {
        await using FastClient client = Client(null, null);
        await client.GetResponseAsync("hi");
        _time.Advance(TimeSpan.FromHours(2));
        await client.GetResponseAsync("hi");

        CostDay day = await _ended.Task.Guarded();

        day.File.Should().BeNull();
        day.Report.Should().ContainSingle().Which.Key.Should().Be(TestClients.Model);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_is_said_and_the_day_is_told_all_the_same()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "a file where a folder is needed");
        await using FastClient client = Client(file, null);
        await client.GetResponseAsync("hi");
        _time.Advance(TimeSpan.FromHours(2));
        await client.GetResponseAsync("hi");

        (await _ended.Task.Guarded()).File.Should().BeNull();

        _logs.Of(94).Should().ContainSingle().Which.Message.Should().Contain("Ledger.DailyReportFolder");
    }

    private FastClient Client(string? folder, ListLedger? store)
    {
        FastClient client = TestClients.OpenAI(_provider, _time, configure: h =>
        {
            h.UseLedger(ledger => ledger.DailyReportFolder = folder).UseLoggerFactory(_logs);
            if (store is not null) h.UseLedgerStore((_, _) => store);
        });
        client.Costs.DayEnded += (_, day) => _ended.TrySetResult(day);
        return client;
    }
}
