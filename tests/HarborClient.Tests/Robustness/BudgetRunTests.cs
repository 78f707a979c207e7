using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Robustness;

// A thousand seeded runs: 64 callers at once, a cap of a dollar, most answers of maximum length, some that are refused. Never more is spent than the cap, and
// nothing stays reserved.
[Collection(RobustnessCollection.Name)]
public sealed class BudgetRunTests
{
    private const int Runs = 1_000;
    private const int Callers = 64;

    private static readonly Money Cap = Money.FromUsd(1);

    [Fact]
    public async Task A_cap_holds_in_every_run()
    {
        long refused = 0, asked = 0;
        for (int seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            long paid = 0;
            var provider = new ProviderEmulator().Respond(attempt =>
            {
                lock (random)
                {
                    if (random.Next(10) == 0) return EmulatedReply.Error(400);
                    int most = attempt.BodyJson!.Value.GetProperty("max_completion_tokens").GetInt32();
                    int used = random.Next(4) == 0 ? most / 2 : most;
                    paid += (100 * 2_500L) + (used * 10_000L);
                    return EmulatedReply.Answer("hello").Usage(100, used).FinishReason(used == most ? "length" : "stop");
                }
            });
            await using FastClient client = TestClients.OpenAI(provider, TimeProvider.System, (PerformanceMode)(seed % 3), h => h.AddBudget("cap", Cap));

            await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
            {
                try
                {
                    Interlocked.Increment(ref asked);
                    await client.GetResponseAsync($"question {caller}", new ChatOptions { ModelId = "openai/gpt-4o", MaxOutputTokens = 10_000 });
                }
                catch (BudgetExceededException)
                {
                    Interlocked.Increment(ref refused);
                }
                catch (HarborException e) when (e.Kind == ErrorKind.InvalidRequest)
                {
                    // Refused by the host, which costs nothing.
                }
            }));

            BudgetStatus status = client.Costs.Budgets[0];
            if (status.Spent.NanoUsd != paid || status.Spent > Cap || status.Reserved != Money.Zero || client.Outstanding() != Outstanding.None)
                Assert.Fail($"seed {seed}: {status}, paid {paid}, {client.Outstanding()}");
        }

        refused.Should().BeGreaterThan(Runs * Callers / 2);
        TestReport.Add($"budgets: {Runs} runs of {Callers} callers at once under a cap of {Cap}: {asked} calls, {refused} refused or cut, never more spent, nothing left reserved");
    }
}
