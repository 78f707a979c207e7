using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// Hosts that fail in every way and callers that leave at any moment: the cap holds, and nothing stays reserved.
public sealed class CapUnderFireTests
{
    private const int Callers = 16;
    private const int CallsEach = 6;

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_cap_holds_and_nothing_stays_reserved(PerformanceMode mode)
    {
        for (int seed = 0; seed < 2; seed++)
        {
            ProviderEmulator a = Host(seed), b = Host(seed + 1_000);
            await using FastClient client = TestClients.Chain(TimeProvider.System, mode, h => h.AddBudget("all", Money.FromUsd(0.2m)).AddBudget("each", Money.FromUsd(0.05m), o => o.Each = BudgetEach.User)
                .UsePrices(p => p.Models["a/one"] = p.Models["b/two"] = new ModelPrice { InputPerMillionTokens = 1, OutputPerMillionTokens = 20 }), a, b);

            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, new Random(seed * Callers + caller), caller))));

            foreach (BudgetStatus status in client.Costs.Budgets) (status.Reserved, status.Spent <= status.Limit).Should().Be((Money.Zero, true), $"of seed {seed}: {status}");
            client.Outstanding().Should().Be(Outstanding.None);
            CostReport report = await client.Costs.ReportAsync(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), CostGroup.User);
            report.Total.Cost.Should().Be(client.Costs.Budgets.Single(status => status.Name == "all").Spent);
        }
    }

    private static async Task CallAsync(FastClient client, Random random, int caller)
    {
        for (int i = 0; i < CallsEach; i++)
        {
            using var cancel = new CancellationTokenSource();
            var options = new HarborChatOptions
            {
                MaxOutputTokens = random.Next(16, 800),
                User = $"user {caller % 4}",
                Temperature = random.Next(2),
                MidStream = (MidStreamPolicy)random.Next(3),
                Cache = random.Next(4) == 0 ? CachePolicy.Refresh : null,
            };
            string question = $"question {random.Next(8)}";
            try
            {
                if (random.Next(3) == 0) cancel.CancelAfter(0);
                if (random.Next(2) == 0)
                {
                    await client.GetResponseAsync(question, options, cancel.Token).Guarded();
                    continue;
                }

                int left = random.Next(1, 12);
                await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(question, options, cancel.Token))
                {
                    if (--left > 0) continue;
                    if (random.Next(2) == 0) break;
                    await cancel.CancelAsync();
                }
            }
            catch (Exception e) when (e is HarborException or OperationCanceledException)
            {
                // All of these are expected; what matters is what is left.
            }
        }
    }

    private static ProviderEmulator Host(int seed)
    {
        var random = new Random(seed);
        return new ProviderEmulator().Respond(attempt =>
        {
            lock (random)
            {
                int most = attempt.BodyJson!.Value.GetProperty("max_tokens").GetInt32();
                int used = random.Next(3) == 0 ? most : random.Next(1, most + 1);
                EmulatedReply answer = EmulatedReply.Answer(Enumerable.Range(0, 10).Select(i => $"w{i} ")).Usage(20, used).FinishReason(used == most ? "length" : "stop");
                return random.Next(14) switch
                {
                    0 => answer.ConnectionRefused(),
                    1 => answer.AbortWhenBodyRead(),
                    2 => answer.ResetBeforeHeaders(),
                    3 => answer.ResetAfterUpdates(random.Next(10)),
                    4 => answer.CutAfterUpdates(random.Next(10)),
                    5 => answer.MalformedEventAt(random.Next(10)),
                    6 => answer.WithoutUsage(),
                    7 => answer.WithoutTerminator(),
                    8 => EmulatedReply.Error(503),
                    9 => EmulatedReply.Error(429),
                    _ => answer,
                };
            }
        });
    }
}
