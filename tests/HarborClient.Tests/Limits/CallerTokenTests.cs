using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// Tokens a minute: expected before the call, settled by what was reported.
public sealed class CallerTokenTests : CallerCalls
{
    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Usage_takes_the_place_of_the_estimate(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(500, 100));
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 600, mode);

        await AskAsync(client, By("alice", maxOutputTokens: 10), isStreaming);

        // All 600 are used. The next call is expected to need its few tokens, which takes a few seconds.
        HarborException refusal = await RefusedAsync(client, By("alice"), isStreaming);
        refusal.Message.Should().Contain("600 tokens a minute").And.Contain("CallerLimits.PerUser.TokensPerMinute");
        refusal.RetryAfter.Should().BePositive().And.BeLessThan(TimeSpan.FromSeconds(5));
        Time.Advance(refusal.RetryAfter!.Value);
        await AskAsync(client, By("alice"), isStreaming);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task What_was_expected_and_not_used_comes_back(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(10, 5)).ThenReply(EmulatedReply.Answer("ok").Usage(10, 5));
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000, mode);

        await AskAsync(client, By("alice", maxOutputTokens: 900), isStreaming);
        await AskAsync(client, By("alice", maxOutputTokens: 900), isStreaming);

        // 30 of 1,000 are used: with 980 expected there is too little left, with 900 there is enough.
        await RefusedAsync(client, By("alice", maxOutputTokens: 980), isStreaming);
        await AskAsync(client, By("alice", maxOutputTokens: 900), isStreaming);
    }

    [Fact]
    public async Task Expected_tokens_are_taken_while_the_call_runs()
    {
        Provider.ThenReply(EmulatedReply.Answer("late").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        Task<string> running = AskAsync(client, By("alice", maxOutputTokens: 900));
        await Provider.AttemptReceived(1);

        await RefusedAsync(client, By("alice", maxOutputTokens: 200));

        Time.Advance(TimeSpan.FromSeconds(1));
        await running;
        await AskAsync(client, By("alice", maxOutputTokens: 200));
    }

    [Fact]
    public async Task What_was_used_beyond_the_limit_is_paid_off_first()
    {
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(1_000, 2_000));
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        await AskAsync(client, By("alice"));

        (await RefusedAsync(client, By("alice"))).RetryAfter.Should().BeGreaterThan(TimeSpan.FromMinutes(2));

        Time.Advance(TimeSpan.FromMinutes(3));
        await AskAsync(client, By("alice"));
    }

    [Fact]
    public async Task A_call_larger_than_the_limit_passes_when_a_whole_minute_is_unused()
    {
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 100);
        Provider.ThenReply(EmulatedReply.Answer("ok").Usage(40, 10));

        await AskAsync(client, By("alice", maxOutputTokens: 5_000));

        (await RefusedAsync(client, By("alice", maxOutputTokens: 5_000))).RetryAfter.Should().Be(TimeSpan.FromSeconds(30));
        Time.Advance(TimeSpan.FromSeconds(30));
        await AskAsync(client, By("alice", maxOutputTokens: 5_000));
    }

    [Fact]
    public async Task A_long_prompt_counts_before_anything_is_known()
    {
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        Provider.ThenReply(EmulatedReply.Answer("late").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        Task<string> running = AskAsync(client, By("alice"), prompt: string.Join(' ', Enumerable.Repeat("word", 700)));
        await Provider.AttemptReceived(1);

        await RefusedAsync(client, By("alice"), prompt: string.Join(' ', Enumerable.Repeat("word", 700)));

        Time.Advance(TimeSpan.FromSeconds(1));
        await running;
    }

    [Fact]
    public async Task A_call_that_the_host_failed_costs_no_tokens()
    {
        Provider.Then(400);
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        Func<Task> failing = () => AskAsync(client, By("alice", maxOutputTokens: 900));
        (await failing.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);

        await AskAsync(client, By("alice", maxOutputTokens: 980));
    }

    [Fact]
    public async Task A_prompt_that_was_cancelled_is_counted()
    {
        Provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Client(limits => limits.PerUser.TokensPerMinute = 1_000);
        using var caller = new CancellationTokenSource();
        string prompt = string.Join(' ', Enumerable.Repeat("word", 700));
        Task<string> running = AskAsync(client, By("alice"), prompt: prompt, token: caller.Token);
        await Provider.AttemptReceived(1);
        await caller.CancelAsync();
        await running.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();

        await RefusedAsync(client, By("alice"), prompt: prompt);
    }
}
