using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Keys;

// Daily quotas of single keys: passed over when used up, back at midnight.
public sealed class KeyQuotaTests
{
    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_key_whose_quota_is_used_up_is_passed_over_until_midnight(PerformanceMode mode)
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello").Usage(600, 400));
        await using FastClient client = Client(provider, time, mode, quota => quota.TokensPerDay = 2_000);

        for (int i = 0; i < 4; i++) await client.GetResponseAsync($"question {i}");
        Func<Task> fifth = () => client.GetResponseAsync("question 5");

        HarborException error = (await fifth.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.QuotaExhausted);
        error.Message.Should().Contain("KeyQuota").And.NotContain("sk-");
        provider.Attempts.Select(attempt => attempt.Headers["Authorization"]).GroupBy(key => key).Should().OnlyContain(key => key.Count() == 2);
        client.Health.Keys.Should().HaveCount(2).And.OnlyContain(key => key.IsUsedUp && key.Tokens == 2_000);

        time.Advance(error.RetryAfter!.Value);
        await fifth.Should().NotThrowAsync();
        client.Health.Keys.Sum(key => key.Tokens).Should().Be(1_000);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_quota_of_money_counts_what_calls_cost()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello").Usage(0, 1_000_000));
        await using FastClient client = Client(provider, time, PerformanceMode.Fast, quota => quota.UsdPerDay = 0.60m);

        await client.GetResponseAsync("one");
        await client.GetResponseAsync("two");
        Func<Task> third = () => client.GetResponseAsync("three");

        (await third.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.QuotaExhausted);
        client.Health.Keys.Should().OnlyContain(key => key.Cost == Money.FromUsd(0.60m));
    }

    [Fact]
    public async Task With_no_key_left_the_next_target_is_asked()
    {
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("openai").Usage(600, 400));
        var lab = new ProviderEmulator().Otherwise(EmulatedReply.Answer("lab"));
        await using FastClient client = FastClient.Create(h => h
            .AddOpenAI("sk-test-key-7Qm2xWv9", o =>
            {
                o.UseHandler(provider.CreateHandler());
                o.KeyQuota.TokensPerDay = 1;
            })
            .AddLocal("lab", new Uri("http://lab.test/v1/"), o => o.UseHandler(lab.CreateHandler()))
            .MapModel("chat", TestClients.Model, "lab/model").UseDefaultModel("chat"));

        (await client.GetResponseAsync("one")).Text.Should().Be("openai");
        (await client.GetResponseAsync("two")).Text.Should().Be("lab");
    }

    [Fact]
    public void A_quota_out_of_bounds_names_the_setting()
    {
        Action zone = () => Client(new ProviderEmulator(), TimeProvider.System, PerformanceMode.Fast, quota => (quota.TokensPerDay, quota.TimeZone) = (1, "Nowhere/Town")).Dispose();
        Action none = () => Client(new ProviderEmulator(), TimeProvider.System, PerformanceMode.Fast, quota => quota.UsdPerDay = 0).Dispose();

        zone.Should().Throw<HarborException>().WithMessage("*KeyQuota.TimeZone*");
        none.Should().Throw<HarborException>().WithMessage("*KeyQuota.UsdPerDay*");
    }

    private static FastClient Client(ProviderEmulator provider, TimeProvider time, PerformanceMode mode, Action<KeyQuotaOptions> configure) =>
        TestClients.OpenAI(provider, time, mode, options: o =>
        {
            o.Keys.Clear();
            o.Keys.Add("sk-test-one-7Qm2xWv9");
            o.Keys.Add("sk-test-two-7Qm2xWv9");
            configure(o.KeyQuota);
        });
}
