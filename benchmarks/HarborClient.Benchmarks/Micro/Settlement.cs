using BenchmarkDotNet.Attributes;
using HarborClient.Costs;

namespace HarborClient.Benchmarks.Micro;

/// <summary>What an attempt's end costs where prices are concerned: what its provider reported is divided into parts, priced at its moment, and added to the ledger's line.</summary>
public class Settlement
{
    private const string Tenant = "tenant";
    private const string User = "user";

    private readonly PriceRow _row = PriceCatalogue.Find("openai", "gpt-4o-mini")!;
    private readonly MemoryLedger _ledger = new(1_000);
    private readonly DateTimeOffset _at = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly UsageDetails _usage = new()
    {
        InputTokenCount = 1_000,
        CachedInputTokenCount = 400,
        OutputTokenCount = 500,
        ReasoningTokenCount = 100,
        TotalTokenCount = 1_500,
    };

    [Benchmark(Baseline = true)]
    public void Settle()
    {
        BilledTokens used = BilledTokens.From(_usage);
        _ledger.Append(new LedgerEntry
        {
            At = _at,
            Attempts = 1,
            Calls = 1,
            Provider = "openai",
            Model = "gpt-4o-mini",
            Alias = "chat",
            Endpoint = "api.openai.com",
            Tenant = Tenant,
            User = User,
            Tokens = used,
            Cost = _row.PriceOf(used, _at, "default", TimeSpan.Zero) ?? throw new InvalidOperationException("The model has no price."),
        });
    }
}
