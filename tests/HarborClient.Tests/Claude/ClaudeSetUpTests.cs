using HarborClient.Testing;
using HarborClient.Tests.Face;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Claude;

// Options of Claude's own, clocks of thinking, and what the provider's id is in telemetry.
public sealed class ClaudeSetUpTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_section_sets_what_the_options_have()
    {
        await using EmulatorServer server = await new ProviderEmulator().StartAsync();
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DefaultModel"] = ClaudeClients.Model,
            ["Claude:Keys:0"] = "key-7Qm2xWv9",
            ["Claude:Endpoint"] = server.Endpoint.AbsoluteUri,
            ["Claude:BetaFeatures:0"] = "one-1",
            ["Claude:PromptCaching"] = "Off",
            ["Claude:PromptCacheTtl"] = "01:00:00",
        }).Build();
        await using ServiceProvider container = new ServiceCollection().AddHarborAI(section).BuildServiceProvider();

        (await container.GetRequiredService<FastClient>().AskAsync("hello")).Text.Should().EndWith("hello");
    }

    [Fact]
    public void A_beta_feature_that_is_no_list_or_breaks_the_header_is_refused()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Claude:Keys:0"] = "key-7Qm2xWv9", ["Claude:BetaFeatures"] = "one-1" }).Build();
        Action scalar = () => new ServiceCollection().AddHarborAI(section).BuildServiceProvider().GetRequiredService<FastClient>();
        Action broken = () => ClaudeClients.Of(new ProviderEmulator(), o => o.BetaFeatures.Add("a,b"));
        Action tooHot = () => ClaudeClients.Of(new ProviderEmulator(), o => o.DefaultTemperature = 1.5f);

        scalar.Should().Throw<HarborException>().Which.Message.Should().Contain("Claude:BetaFeatures");
        broken.Should().Throw<HarborException>().Which.Message.Should().Contain("Claude.BetaFeatures");
        tooHot.Should().Throw<HarborException>().Which.Message.Should().Contain("Claude.DefaultTemperature must be 0 to 1");
    }

    public static TheoryData<ChatOptions, int> Waits => new()
    {
        { new(), 30 },
        { new() { Reasoning = new() { Effort = ReasoningEffort.None } }, 30 },
        { new() { Reasoning = new() { Effort = ReasoningEffort.Low } }, 300 },
        { new() { Tools = [new HostedWebSearchTool()] }, 300 },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task Thinking_and_server_tools_are_given_more_time(ChatOptions options, int seconds)
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = ClaudeClients.Of(provider, more: h => h.UseTimeProvider(_time));

        Task<List<ChatResponseUpdate>> pending = client.UpdatesAsync(options: options);
        await _time.TimerSet(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(seconds));

        (await pending.Awaiting(call => call).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.FirstUpdate);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_bare_name_of_Claudes_finds_it_beside_other_providers()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider, more: h => h.AddOpenAI(new ProviderEmulator()));

        ChatResponse answer = await client.AskAsync(options: new ChatOptions { ModelId = "claude-sonnet-4-5" });

        answer.GetHarborInfo().Provider.Should().Be("claude");
        provider.Attempts.Should().ContainSingle();
    }
}
