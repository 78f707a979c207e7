using System.Collections.Concurrent;
using System.Diagnostics;
using HarborClient.Testing;
using Microsoft.Extensions.Logging;

namespace HarborClient.Tests.Limits;

// Requests and tokens a minute through the whole client: callers that always want more, against an emulator that counts any minute and answers 429 with Retry-After and headers.
public sealed class PublicPacingTests
{
    private const int Callers = 30;
    private const int Minutes = 30;
    private const int PromptWords = 2000;

    // Real time: what settles within it decides nothing on a machine that is not stuck.
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    // What a request takes on its way, at most.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(Minutes);

    // 60 requests are about 150,000 tokens as the emulator counts, 100,000 tokens 40 requests.
    [Theory]
    [InlineData(60, 400_000, true, 0)]
    [InlineData(60, 400_000, false, 0)]
    [InlineData(60, 100_000, true, 0)]
    [InlineData(60, 100_000, false, 0)]
    [InlineData(60, 400_000, true, 1)]
    [InlineData(60, 400_000, false, 1)]
    [InlineData(60, 100_000, true, 1)]
    [InlineData(60, 100_000, false, 1)]
    [InlineData(60, 400_000, true, 2)]
    [InlineData(60, 400_000, false, 2)]
    [InlineData(60, 100_000, true, 2)]
    [InlineData(60, 100_000, false, 2)]
    public async Task Sixty_requests_or_so_many_tokens_a_minute_are_used_and_hardly_ever_refused(int requests, long tokens, bool isToldByHeaders, int seed)
    {
        var time = new ManualTimeProvider();
        var host = new ProviderEmulator(time).LimitRequests(requests).LimitTokens(tokens).Otherwise(EmulatedReply.Answer("fine").DelayBeforeHeaders(TimeSpan.FromSeconds(2)));
        var admitted = new ConcurrentDictionary<int, bool>();
        host.Respond(attempt =>
        {
            admitted[attempt.Number] = true;
            return null;
        });
        using var backOffs = new BackOffs(time);
        await using FastClient client = TestClients.OpenAI(host, time, configure: builder => builder.UseLoggerFactory(backOffs), options: openAI =>
        {
            openAI.Retry.MaximumAttempts = 3;
            openAI.Limits.MaximumWait = TimeSpan.FromMinutes(5);
            if (!isToldByHeaders) (openAI.Limits.RequestsPerMinute, openAI.Limits.TokensPerMinute) = (requests, tokens);
        });

        DateTimeOffset end = time.GetUtcNow() + Duration;
        Task<int>[] callers = [.. Enumerable.Range(0, Callers).Select(caller => CallAsync(client, time, end, new Random((seed * Callers) + caller)))];
        while (time.GetUtcNow() < end)
        {
            await SettleAsync(client, host, admitted, backOffs);
            time.Advance(Step);
        }

        await time.AdvanceUntil(Task.WhenAll(callers));

        EmulatedAttempt[] attempts = [.. host.Attempts.Where(attempt => attempt.ReceivedAt < end)];
        EmulatedAttempt[] answered = [.. attempts.Where(attempt => attempt.StatusCode == 200)];
        double refused = (double)(attempts.Length - answered.Length) / attempts.Length;
        double used = Math.Max((double)answered.Length / (requests * Minutes), answered.Sum(attempt => Tokens(attempt)) / (double)(tokens * Minutes));
        TestReport.Add($"quota through the client, {requests} requests and {tokens} tokens a minute, {(isToldByHeaders ? "told by headers" : "configured")}, seed {seed}: {attempts.Length} attempts in {Minutes} min, refused {refused:P2}, used {used:P1}");
        refused.Should().BeLessThan(0.01);
        used.Should().BeGreaterThan(0.95);
        callers.Sum(caller => caller.Result).Should().Be(0, "no caller saw a refusal");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // Until everybody waits for a permit, for the host or between two attempts, and the host has counted all that have come, so that what is let out at a moment is counted within a step.
    // A host that still reads what a clock has left behind counts it in another minute than it was sent in.
    private static async Task SettleAsync(FastClient client, ProviderEmulator host, ConcurrentDictionary<int, bool> admitted, BackOffs backOffs)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < MostPatience)
        {
            bool isComplete = host.InFlight + client.Health.Targets.Sum(target => target.Queued) + backOffs.Count >= Callers;
            if (isComplete && host.Attempts.TakeLast(Callers).All(attempt => attempt.Outcome != AttemptOutcome.InProgress || admitted.ContainsKey(attempt.Number))) return;
            await Task.Yield();
        }
    }

    // One after the other until the end; how many failed.
    private static async Task<int> CallAsync(FastClient client, ManualTimeProvider time, DateTimeOffset end, Random random)
    {
        int failed = 0;
        while (time.GetUtcNow() < end)
        {
            string prompt = string.Concat(Enumerable.Repeat("word ", (int)(PromptWords * (0.5 + random.NextDouble()))));
            try
            {
                await client.GetResponseAsync(prompt).ConfigureAwait(false);
            }
            catch (HarborException)
            {
                failed++;
            }
        }

        return failed;
    }

    private static long Tokens(EmulatedAttempt attempt) => attempt.BodyJson!.Value.GetProperty("messages")[0].GetProperty("content").GetString()!.Length / 4;

    // How many calls wait before they ask again, as the log says.
    private sealed class BackOffs(TimeProvider time) : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<DateTimeOffset> _ends = new();

        public int Count => _ends.Count(end => end > time.GetUtcNow());

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> facts) return;
            foreach ((string name, object? fact) in facts)
            {
                if (name == "Wait" && fact is TimeSpan wait) _ends.Enqueue(time.GetUtcNow() + wait);
            }
        }

        public void Dispose()
        {
        }
    }
}
