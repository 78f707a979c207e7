using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Which calls are asked a second time, and what keeps one from it.
public sealed class HedgingRuleTests
{
    public static TheoryData<string> Unrepeatable => ["conversation", "continuation", "file", "raw", "hosted tool", "background"];

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    public async Task Calls_in_other_modes_are_not_hedged(PerformanceMode mode)
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();

        await ShouldNotBeHedgedAsync(hosts, new HarborChatOptions { Mode = mode });
    }

    [Fact]
    public async Task Nobody_is_hedged_before_20_answers_have_shown_what_is_slow()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UseHedging(Generous)).WarmAsync(19);

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts);

        HedgedHosts.Hedges(answer).Should().BeEmpty("no delay was reached");
    }

    [Fact]
    public async Task The_delay_is_the_time_that_nearly_all_answers_keep()
    {
        await using HedgedHosts hosts = new(h => h.UseHedging(Generous));
        hosts.A.ThenReply(HedgedHosts.Answer("usual").DelayBeforeFirstUpdate(TimeSpan.FromSeconds(4)), times: 25);
        for (int i = 0; i < 25; i++) await hosts.AskAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        ChatResponse answer = await hosts.AskAsync();

        answer.Text.Should().Be("from b");
        HedgedHosts.Hedges(answer).First().Wait.Should().Be(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task MinimumDelay_is_waited_in_any_case()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UseHedging(o => o.MinimumDelay = TimeSpan.FromSeconds(2.5))).WarmAsync();
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        ChatResponse answer = await hosts.AskAsync();

        HedgedHosts.Hedges(answer).First().Wait.Should().Be(TimeSpan.FromSeconds(2.5));
    }

    [Theory]
    [MemberData(nameof(Unrepeatable))]
    public async Task What_must_not_be_asked_twice_is_not(string what)
    {
        await using HedgedHosts hosts = await new HedgedHosts(atA: TwoKeys).WarmAsync();
        var options = new HarborChatOptions();
        var message = new ChatMessage(ChatRole.User, "hi");
        switch (what)
        {
            case "conversation": options.ConversationId = "conv-1"; break;
            case "continuation": options.ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }); break;
            case "file": message.Contents.Add(new HostedFileContent("file-1")); break;
            case "raw": options.RawRepresentationFactory = _ => new JsonObject(); break;
            case "background": options.AllowBackgroundResponses = true; break;
            default: options.Tools = [new HostedWebSearchTool()]; break;
        }

        int before = hosts.A.Attempts.Count;
        hosts.A.ThenReply(HedgedHosts.Late("at last"));

        Task<ChatResponse> call = hosts.Client.GetResponseAsync([message], options);
        await hosts.Time.AdvanceUntil(call);
        await Task.WhenAny(call);

        // Where the host's protocol cannot say it at all, nothing was sent; never was it sent twice.
        hosts.A.Attempts.Count.Should().BeLessThanOrEqualTo(before + 1);
        hosts.B.Attempts.Should().BeEmpty();
        if (call.IsFaulted) call.Exception.InnerException.Should().BeOfType<HarborException>();
        else HedgedHosts.Hedges(await call).Should().BeEmpty();
    }

    [Fact]
    public async Task A_call_with_functions_of_ones_own_is_hedged()
    {
        await using HedgedHosts hosts = new();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        long promptTokens = await hosts.Client.CountTokensAsync([new ChatMessage(ChatRole.User, "hi")], options);
        hosts.A.Otherwise(EmulatedReply.Answer("from a").Usage(promptTokens, 20 * promptTokens));
        await hosts.WarmAsync(options: options);
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        ChatResponse answer = await hosts.AskAsync(options);

        answer.Text.Should().Be("from b");
    }

    [Fact]
    public async Task A_call_that_must_stay_home_is_not_hedged_elsewhere()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h
            .AddOpenAI("sk-test-key-7Qm2xWv9", o => o.UseHandler(Refusing()))
            .MapModel("mixed", "a/one", "openai/gpt-4o-mini")
            .KeepLocal(DataClass.Restricted)).WarmAsync();

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts, new HarborChatOptions { ModelId = "mixed", DataClass = DataClass.Restricted });

        HedgedHosts.Hedges(answer).Should().ContainSingle().Which.Reason.Should().Contain("no other key or target");
        answer.GetHarborInfo().Attempts.Should().OnlyContain(attempt => attempt.Provider == "a");
    }

    [Fact]
    public async Task AllowedTargets_hold_for_second_attempts()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync();

        await ShouldNotBeHedgedAsync(hosts, new HarborChatOptions { AllowedTargets = ["a"] });
    }

    [Fact]
    public async Task A_host_without_room_to_spare_is_not_asked()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atB: local => (local.Limits.MaximumInFlight, local.Limits.InitialInFlight) = (4, 4)).WarmAsync();
        hosts.B.Otherwise(HedgedHosts.Answer("b is busy").DelayBeforeFirstUpdate(TimeSpan.FromMinutes(1)));
        Task<ChatResponse>[] busy = [.. Enumerable.Range(0, 4).Select(_ => hosts.Client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "b/two" }))];

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts, hedgesSeenByB: busy.Length);

        HedgedHosts.Hedges(answer).Should().ContainSingle().Which.Reason.Should().Contain("b/two has no room to spare");
        await hosts.Time.AdvanceUntil(Task.WhenAll(busy));
        await hosts.ShouldSettleAsync();
    }

    [Fact]
    public async Task A_rate_that_bears_only_one_more_request_is_left_to_those_who_need_it()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atB: local => local.Limits.RequestsPerMinute = 2).WarmAsync();
        await hosts.Client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "b/two" });

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts, hedgesSeenByB: 1);

        HedgedHosts.Hedges(answer).Single().Reason.Should().Contain("no room to spare");
    }

    [Fact]
    public async Task A_target_with_an_open_breaker_is_not_asked()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atB: local => (local.CircuitBreaker.MinimumAttempts, local.Retry.MaximumAttempts) = (1, 1)).WarmAsync();
        hosts.B.Then(500);
        Func<Task> failing = () => hosts.Client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "b/two" });
        await failing.Should().ThrowAsync<HarborException>();

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts, hedgesSeenByB: 1);

        HedgedHosts.Hedges(answer).Single().Reason.Should().Contain("b/two is left alone");
    }

    [Fact]
    public async Task A_target_that_asked_to_come_back_later_is_not_asked()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atB: local => local.Retry.MaximumAttempts = 1).WarmAsync();
        hosts.B.Then(429, retryAfterSeconds: 60);
        Func<Task> failing = () => hosts.Client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "b/two" });
        await failing.Should().ThrowAsync<HarborException>();

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts, hedgesSeenByB: 1);

        HedgedHosts.Hedges(answer).Single().Reason.Should().Contain("b/two is left alone");
    }

    [Fact]
    public async Task Where_requests_are_sent_once_nobody_is_hedged()
    {
        await using HedgedHosts hosts = await new HedgedHosts(atA: local => local.Retry.MaximumAttempts = 1).WarmAsync();

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts);

        HedgedHosts.Hedges(answer).Single().Reason.Should().Contain("Retry.MaximumAttempts");
    }

    [Fact]
    public async Task Twenty_calls_pay_for_one_second_attempt()
    {
        await using HedgedHosts hosts = await new HedgedHosts().WarmAsync(20 + 25);
        hosts.A.ThenReply(HedgedHosts.Late("too late")).ThenReply(HedgedHosts.Late("at last"));

        ChatResponse paid = await hosts.AskAsync();
        ChatResponse unpaid = await hosts.AskAsync();

        (paid.Text, unpaid.Text).Should().Be(("from b", "at last"));
        HedgedHosts.Hedges(unpaid).Should().ContainSingle().Which.Reason.Should().Contain("Hedging.MaximumExtraAttempts is used up");
    }

    [Fact]
    public async Task Retries_and_second_attempts_are_paid_from_one_budget_of_the_slow_route()
    {
        await using HedgedHosts hosts = await new HedgedHosts(h => h.UseHedging(Generous), atA: local => local.CircuitBreaker.MinimumAttempts = 1_000_000).WarmAsync();
        for (int i = 0; i < 30; i++)
        {
            hosts.A.Then(500);
            await hosts.AskAsync();
        }

        hosts.A.ThenReply(HedgedHosts.Late("at last"));
        int before = hosts.B.Attempts.Count;

        ChatResponse answer = await hosts.AskAsync();

        HedgedHosts.Hedges(answer).Should().ContainSingle().Which.Reason.Should().Contain("a/one has used up its budget of extra attempts");
        hosts.B.Attempts.Should().HaveCount(before);
    }

    [Fact]
    public async Task A_prompt_that_costs_more_than_the_share_of_all_calls_is_not_sent_twice()
    {
        await using HedgedHosts hosts = new(h => h.UseHedging(o => (o.MaximumExtraAttempts, o.MaximumExtraSpend) = (0.2, 0.001)));
        await hosts.WarmAsync();

        ChatResponse answer = await ShouldNotBeHedgedAsync(hosts);

        HedgedHosts.Hedges(answer).Single().Reason.Should().Contain("Hedging.MaximumExtraSpend is used up");
    }

    private static void Generous(HedgingOptions options) => (options.MaximumExtraAttempts, options.MaximumExtraSpend) = (0.2, 0.2);

    private static void TwoKeys(LocalOptions local)
    {
        local.Keys.Add("key-one-7Qm2xWv9");
        local.Keys.Add("key-two-7Qm2xWv9");
    }

    private static HttpMessageHandler Refusing() => new ProviderEmulator().Respond(_ => throw new InvalidOperationException("The cloud was asked.")).CreateHandler();

    // The next call is slow, and nobody but "a" hears of it.
    private static async Task<ChatResponse> ShouldNotBeHedgedAsync(HedgedHosts hosts, ChatOptions? options = null, int hedgesSeenByB = 0)
    {
        int before = hosts.A.Attempts.Count;
        hosts.A.ThenReply(HedgedHosts.Late("at last"));

        ChatResponse answer = await hosts.AskAsync(options);

        answer.Text.Should().Be("at last");
        hosts.A.Attempts.Should().HaveCount(before + 1);
        hosts.B.Attempts.Should().HaveCount(hedgesSeenByB);
        return answer;
    }
}
