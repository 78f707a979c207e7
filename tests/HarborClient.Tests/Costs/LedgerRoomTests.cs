using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// The ledger in memory keeps so many lines, and says what it no longer knows.
public sealed class LedgerRoomTests
{
    private const int Lines = 100;

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_oldest_hour_makes_room_and_reports_say_since_when_they_know_everything()
    {
        await using FastClient client = Client();
        await CallAsync(client, "first", Lines);
        _time.Advance(TimeSpan.FromHours(1));
        (await ReportAsync(client)).KnownSince.Should().BeNull();

        await CallAsync(client, "second", 1);

        CostReport report = await ReportAsync(client);
        report.KnownSince.Should().Be(_time.GetUtcNow());
        report.Select(row => row.Key).Should().Equal("second 0");
        report.Total.Calls.Should().Be(1);
    }

    [Fact]
    public async Task Where_one_hour_needs_more_its_sum_stays_right()
    {
        await using FastClient client = Client();

        await CallAsync(client, "user", Lines + 20);

        CostReport report = await ReportAsync(client);
        report.Total.Calls.Should().Be(Lines + 20);
        report.Single(row => row.Key.Length == 0).Calls.Should().Be(20);
        report.KnownSince.Should().BeNull();
    }

    [Fact]
    public async Task A_day_of_which_a_part_was_dropped_says_so()
    {
        var ended = new TaskCompletionSource<CostDay>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FastClient client = Client();
        client.Costs.DayEnded += (_, day) => ended.TrySetResult(day);
        await CallAsync(client, "first", Lines);
        _time.Advance(TimeSpan.FromHours(1));
        await CallAsync(client, "second", 1);
        DateTimeOffset known = _time.GetUtcNow();

        _time.Advance(TimeSpan.FromDays(1));
        await CallAsync(client, "third", 1);

        (await ended.Task.WaitAsync(TimeSpan.FromSeconds(10))).Report.KnownSince.Should().Be(known);
    }

    private static async Task CallAsync(FastClient client, string user, int count)
    {
        for (int i = 0; i < count; i++) await client.GetResponseAsync("hi", new HarborChatOptions { User = $"{user} {i}" });
    }

    private static Task<CostReport> ReportAsync(FastClient client) => client.Costs.ReportAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, CostGroup.User);

    private FastClient Client() => TestClients.OpenAI(new ProviderEmulator(_time), _time, configure: h => h.UseLedger(ledger => ledger.MaximumLines = Lines));
}
