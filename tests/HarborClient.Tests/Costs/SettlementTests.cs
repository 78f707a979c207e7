using HarborClient.Costs;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// What pricing an attempt and writing it into the ledger takes; how long, `micro --filter *Settlement*` of the benchmarks measures.
public sealed class SettlementTests
{
    private const int Attempts = 100_000;

    [Fact]
    public void Settling_an_attempt_allocates_nothing()
    {
        PriceRow row = PriceCatalogue.Find("openai", "gpt-4o-mini")!;
        var ledger = new MemoryLedger(1_000);
        var usage = new UsageDetails { InputTokenCount = 1_000, CachedInputTokenCount = 400, OutputTokenCount = 500, ReasoningTokenCount = 100, TotalTokenCount = 1_500 };
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        for (int i = 0; i < 1_000; i++) Settle(row, ledger, usage, at);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Attempts; i++) Settle(row, ledger, usage, at);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        ledger.Read(at, at.AddHours(1)).Should().ContainSingle().Which.Attempts.Should().Be(Attempts + 1_000);
    }

    private static void Settle(PriceRow row, MemoryLedger ledger, UsageDetails usage, DateTimeOffset at)
    {
        BilledTokens used = BilledTokens.From(usage);
        ledger.Append(new LedgerEntry
        {
            At = at,
            Attempts = 1,
            Calls = 1,
            Provider = "openai",
            Model = "gpt-4o-mini",
            Alias = "chat",
            Endpoint = "api.openai.com",
            Tenant = "tenant",
            User = "user",
            Tokens = used,
            Cost = row.PriceOf(used, at, "default", TimeSpan.Zero)!.Value,
        });
    }
}
