using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// Rates per user and tenant: who is over them is refused, for exactly as long as it takes.
public sealed class CallerRateTests : CallerCalls
{
    public static TheoryData<string, PerformanceMode, bool> Limits
    {
        get
        {
            var data = new TheoryData<string, PerformanceMode, bool>();
            foreach (string limit in new[] { "PerUser.RequestsPerSecond", "PerUser.RequestsPerMinute", "PerTenant.RequestsPerSecond", "PerTenant.RequestsPerMinute" })
            {
                foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
                {
                    data.Add(limit, mode, true);
                    data.Add(limit, mode, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_rate_refuses_until_exactly_when_it_says(string limit, PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = Client(limits => Set(limits, limit, 4), mode);
        HarborChatOptions alice = By("alice", "acme");
        for (int i = 0; i < 4; i++) await AskAsync(client, alice, isStreaming);

        HarborException refusal = await RefusedAsync(client, alice, isStreaming);
        refusal.RetryAfter.Should().Be(limit.EndsWith("Second", StringComparison.Ordinal) ? TimeSpan.FromSeconds(0.25) : TimeSpan.FromSeconds(15));
        refusal.Message.Should().Contain($"CallerLimits.{limit}").And.Contain("over its limit of 4 requests a ").And.Contain($"try again in {(limit.EndsWith("Second", StringComparison.Ordinal) ? "0.25" : "15")} s.");
        Provider.Attempts.Should().HaveCount(4, "a refused call is not sent");

        Time.Advance(refusal.RetryAfter!.Value - TimeSpan.FromTicks(1));
        (await RefusedAsync(client, alice, isStreaming)).RetryAfter.Should().Be(TimeSpan.FromTicks(1));
        Time.Advance(TimeSpan.FromTicks(1));
        await AskAsync(client, alice, isStreaming);
        await RefusedAsync(client, alice, isStreaming);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_is_not_used_comes_back_up_to_the_limit_and_no_further()
    {
        await using FastClient client = Client(limits => limits.PerUser.RequestsPerMinute = 3);
        await SpendAsync(client, 3, By("alice"));

        Time.Advance(TimeSpan.FromHours(5));

        await SpendAsync(client, 3, By("alice"));
        (await RefusedAsync(client, By("alice"))).RetryAfter.Should().Be(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Others_do_not_notice()
    {
        await using FastClient client = Client(limits =>
        {
            limits.PerUser.RequestsPerMinute = 1;
            limits.PerTenant.RequestsPerMinute = 4;
        });
        await AskAsync(client, By("alice", "acme"));
        await RefusedAsync(client, By("alice", "acme"));

        await AskAsync(client, By("bob", "acme"));
        await AskAsync(client, By("alice's sister", "other"));
        await AskAsync(client, By(null, "acme"));
        await AskAsync(client, By(null));
        await AskAsync(client, new HarborChatOptions());
    }

    [Fact]
    public async Task A_user_and_a_tenant_of_the_same_name_are_two()
    {
        await using FastClient client = Client(limits => limits.PerUser.RequestsPerMinute = limits.PerTenant.RequestsPerMinute = 1);

        await AskAsync(client, By("acme"));
        await AskAsync(client, By(null, "acme"));

        (await RefusedAsync(client, By("acme"))).Message.Should().Contain("user 'acme'");
        (await RefusedAsync(client, By(null, "acme"))).Message.Should().Contain("tenant 'acme'");
    }

    [Fact]
    public async Task A_call_that_the_tenant_may_not_make_costs_the_user_nothing()
    {
        await using FastClient client = Client(limits =>
        {
            limits.PerUser.RequestsPerMinute = 2;
            limits.PerTenant.RequestsPerMinute = 1;
        });
        await AskAsync(client, By("alice", "acme"));

        for (int i = 0; i < 5; i++) (await RefusedAsync(client, By("alice", "acme"))).Message.Should().Contain("PerTenant");

        await AskAsync(client, By("alice", "other"));
    }

    [Fact]
    public async Task No_other_target_is_asked()
    {
        var second = new ProviderEmulator(Time);
        await using FastClient client = TestClients.Chain(Time, PerformanceMode.Fast, builder => builder.UseCallerLimits(limits => limits.PerUser.RequestsPerMinute = 1), Provider, second);
        await AskAsync(client, By("alice"));

        await RefusedAsync(client, By("alice"));

        Provider.Attempts.Should().ContainSingle();
        second.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_call_counts_once_however_many_targets_it_asks()
    {
        var second = new ProviderEmulator(Time).Otherwise(EmulatedReply.Answer("here"));
        Provider.Then(503).Then(503);
        await using FastClient client = TestClients.Chain(Time, PerformanceMode.Fast, builder => builder.UseCallerLimits(limits => limits.PerUser.RequestsPerMinute = 2), Provider, second);

        await SpendAsync(client, 2, By("alice"));

        second.Attempts.Should().HaveCount(2);
        await RefusedAsync(client, By("alice"));
    }

    [Fact]
    public async Task A_name_is_quoted_in_one_line_and_not_at_length()
    {
        await using FastClient client = Client(limits => limits.PerUser.RequestsPerMinute = 1);
        string name = "alice\r\nWARN forged" + new string('x', 10_000);
        await AskAsync(client, By(name));

        string message = (await RefusedAsync(client, By(name))).Message;

        message.Should().Contain("'alice  WARN forged").And.NotContain("\n");
        message.Length.Should().BeLessThan(400);
        await AskAsync(client, By(name + "y"));
    }

    [Fact]
    public async Task Embeddings_count_too()
    {
        await using FastClient client = Client(limits => limits.PerUser.RequestsPerMinute = 1);
        var options = new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.user"] = "alice" } };
        await client.GenerateAsync(["one"], options).Guarded();

        Func<Task> again = () => client.GenerateAsync(["two"], options).Guarded();

        (await again.Should().ThrowAsync<HarborException>()).Which.RetryAfter.Should().Be(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_mode_has_the_stage_only_where_callers_are_limited()
    {
        using FastClient limited = Client(limits => limits.PerUser.InFlight = 1);
        using FastClient unlimited = Client(_ => { });

        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
        {
            string[] stages = [.. limited.Describe(mode).Stages];
            Array.IndexOf(stages, "CallerLimits").Should().BeGreaterThan(Array.IndexOf(stages, "Deadline")).And.BeLessThan(Array.IndexOf(stages, "Failover"));
            unlimited.Describe(mode).Stages.Should().NotContain("CallerLimits");
        }
    }

    private static void Set(CallerLimitOptions options, string limit, int value)
    {
        CallerLimit target = limit.StartsWith("PerUser", StringComparison.Ordinal) ? options.PerUser : options.PerTenant;
        if (limit.EndsWith("Second", StringComparison.Ordinal)) target.RequestsPerSecond = value;
        else target.RequestsPerMinute = value;
    }
}
