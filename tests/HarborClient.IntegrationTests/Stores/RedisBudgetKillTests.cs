using System.Diagnostics;
using HarborClient.Tests;

namespace HarborClient.IntegrationTests.Stores;

// Processes that share a cap over Redis, and are killed while they spend.
public sealed class RedisBudgetKillTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private const int Processes = 8;

    private readonly string _prefix = "test" + Guid.NewGuid().ToString("N");
    private long _paid;

    private long Paid => Volatile.Read(ref _paid);

    [RedisFact]
    public async Task Eight_processes_of_which_half_are_killed_never_spend_more_than_the_cap_and_the_others_spend_the_rest()
    {
        // Whoever has asked pays, whether it lives to see the answer or not.
        ProviderEmulator provider = new ProviderEmulator().Respond(attempt =>
        {
            int most = attempt.BodyJson!.Value.GetProperty("max_tokens").GetInt32();
            Interlocked.Add(ref _paid, (100 * RedisBudgetProcess.InputPrice) + (most * RedisBudgetProcess.OutputPrice));
            return EmulatedReply.Answer("hello").Usage(100, most).FinishReason("length").DelayBeforeHeaders(TimeSpan.FromMilliseconds(20));
        });
        await using EmulatorServer host = await provider.StartAsync();
        RedisBudgetProcess[] processes = [.. Enumerable.Range(0, Processes).Select(_ => RedisBudgetProcess.Start(redis.Configuration, _prefix, host.Endpoint))];
        try
        {
            foreach (RedisBudgetProcess process in processes) await process.ReadyAsync();
            var clock = Stopwatch.StartNew();
            foreach (RedisBudgetProcess process in processes) await process.BeginAsync();

            RedisBudgetProcess[] dead = processes[..(Processes / 2)], survivors = processes[(Processes / 2)..];
            for (int i = 0; i < dead.Length; i++)
            {
                long from = RedisBudgetProcess.Cap.NanoUsd * (2 + i) / 10;
                await Poll.UntilAsync(() => Paid >= from);
                await dead[i].KillAsync();
            }

            // What others return at their beats, those who are refused come back for.
            foreach (RedisBudgetProcess survivor in survivors) await survivor.RefusedAsync();
            await Poll.UntilAsync(async () =>
            {
                long before = Paid;
                long spent = 0;
                foreach (RedisBudgetProcess survivor in survivors)
                {
                    await survivor.BeginAsync();
                    await survivor.RefusedAsync();
                    (spent, _) = await survivor.StatusAsync();
                }

                // Less than a call costs is left, and may be in the hands of the one who was refused last.
                return Paid == before && spent > RedisBudgetProcess.Cap.NanoUsd * 98 / 100;
            });

            foreach (RedisBudgetProcess survivor in survivors) await survivor.EndAsync();
            Paid.Should().BeLessThanOrEqualTo(RedisBudgetProcess.Cap.NanoUsd);
            Paid.Should().BeGreaterThan(RedisBudgetProcess.Cap.NanoUsd * 8 / 10, "four processes have stranded what each had reserved, and a slice");
            TestReport.Add($"{Processes} processes over Redis, {dead.Length} of them killed, cap {RedisBudgetProcess.Cap}: {new Money(Paid)} spent in {provider.Attempts.Count} calls, the rest stranded; {clock.Elapsed.TotalSeconds:F1} s");
        }
        finally
        {
            foreach (RedisBudgetProcess process in processes) process.Dispose();
        }
    }
}
