using HarborClient.Testing;
using Xunit.Abstractions;

namespace HarborClient.Tests.Resilience;

// What hedging buys and what it costs, over many calls in virtual time.
public sealed class HedgingLoadTests(ITestOutputHelper output)
{
    private const int Calls = 10_000;

    // Of the requests, so many are answered only after a long time, by chance and for each host on its own.
    private const double SlowShare = 0.03;

    private static readonly TimeSpan SlowTime = TimeSpan.FromSeconds(8);

    // A prompt with an answer that pays for a hedge, where the share of attempts binds; and a long prompt with a short answer, where the share of spend does.
    [Theory]
    [InlineData(16, 64, true)]
    [InlineData(1000, 8, false)]
    public async Task Second_attempts_stay_within_their_shares_and_shorten_the_slow_tail(int promptTokens, int answerTokens, bool coversTheTail)
    {
        Run without = await PlayAsync(promptTokens, answerTokens, isHedged: false);
        Run with = await PlayAsync(promptTokens, answerTokens, isHedged: true);

        foreach ((string name, Run run) in new[] { ("without", without), ("with", with) })
        {
            string line = $"hedging, {name}: {Calls} calls of {promptTokens} + {answerTokens} tokens, {100 * SlowShare:0.#} % slow: first update p50 {run.Percentile(0.5):0.00} s, p95 {run.Percentile(0.95):0.00} s, "
                + $"p99 {run.Percentile(0.99):0.00} s, mean {run.FirstUpdates.Average():0.000} s; {run.Extra} extra attempts ({100.0 * run.Extra / Calls:0.00} %), extra tokens {100 * run.ExtraTokenShare:0.00} %";
            output.WriteLine(line);
            TestReport.Add(line);
        }

        without.Extra.Should().Be(0);
        with.Extra.Should().BePositive().And.BeLessThanOrEqualTo(Calls / 20);
        with.ExtraTokenShare.Should().BeLessThanOrEqualTo(0.02);
        with.FirstUpdates.Average().Should().BeLessThan(without.FirstUpdates.Average());
        if (coversTheTail) with.Percentile(0.99).Should().BeLessThan(without.Percentile(0.99) / 4);
    }

    private static async Task<Run> PlayAsync(int promptTokens, int answerTokens, bool isHedged)
    {
        var time = new ManualTimeProvider();
        ProviderEmulator[] hosts = [Host(time, promptTokens, answerTokens, seed: 1), Host(time, promptTokens, answerTokens, seed: 2)];
        await using FastClient client = TestClients.Chain(
            time, PerformanceMode.Full, h => _ = isHedged ? h.UseHedging(o => o.MinimumDelay = TimeSpan.FromMilliseconds(10)) : h, 3, hosts);
        string prompt = string.Concat(Enumerable.Repeat("word ", promptTokens));
        var run = new Run(promptTokens, []);
        for (int i = 0; i < Calls; i++)
        {
            Task<ChatResponse> call = client.GetResponseAsync(prompt);
            await time.AdvanceUntil(call);
            ChatResponse answer = await call;
            run.FirstUpdates.Add(answer.GetHarborInfo().TimeToFirstUpdate!.Value.TotalSeconds);
            run.Tokens += answer.Usage!.TotalTokenCount!.Value;
        }

        run.Extra = hosts.Sum(host => host.Attempts.Count) - Calls;
        return run;
    }

    private static ProviderEmulator Host(ManualTimeProvider time, int promptTokens, int answerTokens, int seed)
    {
        var random = new Random(seed);
        return new ProviderEmulator(time).Respond(_ =>
        {
            TimeSpan delay = random.NextDouble() < SlowShare ? SlowTime : TimeSpan.FromMilliseconds(random.Next(100, 300));
            return EmulatedReply.Answer("fine").Usage(promptTokens, answerTokens).DelayBeforeFirstUpdate(delay);
        });
    }

    private sealed class Run(int promptTokens, List<double> firstUpdates)
    {
        public List<double> FirstUpdates { get; } = firstUpdates;

        public long Tokens { get; set; }

        public int Extra { get; set; }

        public double ExtraTokenShare => (double)Extra * promptTokens / Tokens;

        public double Percentile(double share) => FirstUpdates.Order().ElementAt((int)(share * FirstUpdates.Count));
    }
}
