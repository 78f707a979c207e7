using HarborClient.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Resilience;

// Where hedging is switched on, and what its settings may be.
public sealed class HedgingSettingsTests
{
    [Fact]
    public async Task Off_unless_it_is_switched_on()
    {
        var time = new ManualTimeProvider();
        ProviderEmulator a = new ProviderEmulator(time).Otherwise(HedgedHosts.Answer("from a"));
        ProviderEmulator b = new(time);
        await using FastClient client = TestClients.Chain(time, PerformanceMode.Full, null, 3, a, b);
        for (int i = 0; i < HedgedHosts.WarmUp; i++) await client.GetResponseAsync("hi");
        a.ThenReply(HedgedHosts.Late("at last"));

        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await time.AdvanceUntil(call);

        (await call).Text.Should().Be("at last");
        b.Attempts.Should().BeEmpty();
        client.Describe(PerformanceMode.Full).Stages.Should().NotContain("Hedge");
    }

    [Fact]
    public async Task It_stands_in_Full_only_and_inside_the_retries()
    {
        await using HedgedHosts hosts = new();

        hosts.Client.Describe(PerformanceMode.Full).Stages.Should().ContainInConsecutiveOrder("Failover", "Retry", "Hedge", "Limit");
        hosts.Client.Describe(PerformanceMode.Balanced).Stages.Should().NotContain("Hedge");
        hosts.Client.Describe(PerformanceMode.Fast).Stages.Should().NotContain("Hedge");
    }

    [Fact]
    public async Task An_alias_can_be_hedged_by_itself()
    {
        await using HedgedHosts hosts = new(h => h.MapModel("critical", map => map.Target("a/one").Target("b/two").UseHedging(Generous)).MapModel("other", map => map.Target("a/one").Target("b/two")));
        await hosts.WarmAsync(20);
        for (int i = 0; i < 10; i++) await hosts.Client.GetResponseAsync("hi", new ChatOptions { ModelId = "critical" });
        hosts.A.ThenReply(HedgedHosts.Late("too late"));

        ChatResponse critical = await hosts.AskAsync(new ChatOptions { ModelId = "critical" });

        critical.Text.Should().Be("from b");
        hosts.A.ThenReply(HedgedHosts.Late("at last"));
        (await hosts.AskAsync(new ChatOptions { ModelId = "other" })).Text.Should().Be("at last", "its own calls have not paid for one");
    }

    [Fact]
    public async Task Only_a_hedged_alias_puts_the_stage_into_Full()
    {
        var time = new ManualTimeProvider();
        ProviderEmulator a = new ProviderEmulator(time).Otherwise(HedgedHosts.Answer("from a"));
        ProviderEmulator b = new(time);
        await using FastClient client = TestClients.Chain(
            time, PerformanceMode.Full, h => h.MapModel("critical", map => map.Target("a/one").Target("b/two").UseHedging(Generous)), 3, a, b);
        for (int i = 0; i < HedgedHosts.WarmUp; i++) await client.GetResponseAsync("hi");
        a.ThenReply(HedgedHosts.Late("at last"));

        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await time.AdvanceUntil(call);

        (await call).Text.Should().Be("at last");
        b.Attempts.Should().BeEmpty();
        client.Describe(PerformanceMode.Full).Stages.Should().Contain("Hedge");
    }

    [Fact]
    public async Task A_configuration_section_switches_it_on_and_adds_to_what_code_set()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Hedging:MinimumDelay", "00:00:03"), new("Hedging:MaximumExtraAttempts", "0.2"), new("Hedging:MaximumExtraSpend", "0.2"),
            new("Models:chat:0", "a/one"), new("Models:chat:1", "b/two"),
        ]).Build();
        var time = new ManualTimeProvider();
        ProviderEmulator a = new ProviderEmulator(time).Otherwise(HedgedHosts.Answer("from a"));
        ProviderEmulator b = new ProviderEmulator(time).Otherwise(HedgedHosts.Answer("from b"));
        var services = new ServiceCollection();
        services.AddHarborAI(section, h => h
            .AddLocal("a", new Uri("http://a.test:8000/v1/"), o => o.UseHandler(a.CreateHandler()))
            .AddLocal("b", new Uri("http://b.test:8000/v1/"), o => o.UseHandler(b.CreateHandler()))
            .UseDefaultModel("chat").UseTimeProvider(time).UseMode(PerformanceMode.Full));
        await using ServiceProvider container = services.BuildServiceProvider();
        FastClient client = container.GetRequiredService<FastClient>();
        for (int i = 0; i < 30; i++) await client.GetResponseAsync("hi");
        a.ThenReply(HedgedHosts.Late("too late"));

        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await time.AdvanceUntil(call);

        HedgedHosts.Hedges(await call).First().Wait.Should().Be(TimeSpan.FromSeconds(3));
        (await call).Text.Should().Be("from b");
    }

    [Theory]
    [InlineData(nameof(HedgingOptions.MinimumDelay))]
    [InlineData(nameof(HedgingOptions.MaximumExtraAttempts))]
    [InlineData(nameof(HedgingOptions.MaximumExtraSpend))]
    public void Settings_out_of_bounds_are_refused_by_name(string setting)
    {
        Action<HedgingOptions> spoil = setting switch
        {
            nameof(HedgingOptions.MinimumDelay) => options => options.MinimumDelay = TimeSpan.Zero,
            nameof(HedgingOptions.MaximumExtraAttempts) => options => options.MaximumExtraAttempts = 0.5,
            _ => options => options.MaximumExtraSpend = double.NaN,
        };

        Action ofClient = () => FastClient.Create(h => h.AddOpenAI("sk-test-key-7Qm2xWv9").UseHedging(spoil));
        Action ofAlias = () => FastClient.Create(h => h.AddOpenAI("sk-test-key-7Qm2xWv9").MapModel("chat", map => map.Target("openai/gpt-4o-mini").UseHedging(spoil)));

        ofClient.Should().Throw<HarborException>().Where(error => error.Kind == ErrorKind.Configuration && error.Message.Contains($"Hedging.{setting}"));
        ofAlias.Should().Throw<HarborException>().WithMessage($"*MapModel(\"chat\").Hedging.{setting}*");
    }

    private static void Generous(HedgingOptions options) => (options.MaximumExtraAttempts, options.MaximumExtraSpend) = (0.2, 0.2);
}
