using HarborClient.Costs;

namespace HarborClient.Tests.Costs;

// What comes from outside neither fills the memory nor runs in a spreadsheet.
public sealed class LedgerBoundTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Invented_models_of_one_hour_fill_no_memory_and_the_sum_stays_right()
    {
        var ledger = new MemoryLedger(100);

        for (int i = 0; i < 10_000; i++) ledger.Append(Entry($"invented-{i}"));

        LedgerEntry[] lines = ledger.Read(At, At.AddHours(1));
        lines.Length.Should().BeLessThan(110);
        lines.Sum(line => line.Cost.NanoUsd).Should().Be(10_000);
    }

    [Fact]
    public void Invented_users_give_way_to_the_next_hour()
    {
        var ledger = new MemoryLedger(100);
        for (int i = 0; i < 1_000; i++) ledger.Append(Entry("model") with { User = $"user {i}" });

        for (int i = 0; i < 50; i++) ledger.Append(Entry("model") with { User = $"user {i}", At = At.AddHours(1) });

        ledger.Read(At.AddHours(1), At.AddHours(2)).Should().HaveCount(50);
        ledger.KnownSince.Should().Be(At.AddHours(1));
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    [InlineData("\n=1")]
    [InlineData("＝1+1")]
    public void No_name_begins_like_a_formula(string user) =>
        LedgerCsv.Line(Entry("model") with { User = user }).Should().Contain("'" + user);

    private static LedgerEntry Entry(string model) => new() { At = At, Attempts = 1, Provider = "lab", Model = model, Alias = model, Endpoint = "lab.test", Cost = new Money(1) };
}
