using HarborClient.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Tools;

// How the loop is set up: options, configuration, container, and the conversation that a provider keeps.
public sealed class ToolWiringTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string, Action<ToolInvocationOptions>> Wrong => new()
    {
        { "MaximumIterations", o => o.MaximumIterations = 0 },
        { "MaximumIterations", o => o.MaximumIterations = 1001 },
        { "MaximumConcurrency", o => o.MaximumConcurrency = 0 },
        { "MaximumConsecutiveErrors", o => o.MaximumConsecutiveErrors = -1 },
        { "ToolTimeout", o => o.ToolTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_setting_out_of_bounds_is_named(string setting, Action<ToolInvocationOptions> configure)
    {
        HarborException error = FluentActions.Invoking(() => ToolBox.Client(new ProviderEmulator(_time), _time, tools: configure)).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain($"ToolInvocation.{setting}");
    }

    [Fact]
    public async Task A_configuration_section_switches_the_loop_on_and_adds_to_what_code_set()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("DefaultModel", TestClients.Model), new("OpenAI:Keys:0", "sk-test-7Qm2xWv9"), new("ToolInvocation:MaximumIterations", "1"), new("ToolInvocation:ToolTimeout", "00:00:20"),
        ]).Build();
        var provider = new ProviderEmulator(_time).Otherwise(ToolBox.Calls("weather"));
        var services = new ServiceCollection();
        services.AddHarborAI(h => Lab(h, provider).UseToolInvocation(o => o.AddTools(ToolBox.Weather())));
        services.AddHarborAI(section);
        await using ServiceProvider container = services.BuildServiceProvider();

        ChatResponse response = await container.GetRequiredService<FastClient>().GetResponseAsync("hi", new ChatOptions { ModelId = "lab/m" });

        provider.Attempts.Should().HaveCount(2);
        response.Results().Should().ContainSingle();
    }

    [Fact]
    public async Task A_function_finds_the_services_of_the_container()
    {
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("ask")).ThenAnswer("done");
        var services = new ServiceCollection();
        services.AddSingleton(new Oracle("42")).AddHarborAI(h => Lab(h, provider).UseToolInvocation());
        await using ServiceProvider container = services.BuildServiceProvider();
        AIFunction ask = AIFunctionFactory.Create((IServiceProvider found) => found.GetRequiredService<Oracle>().Answer, "ask");

        ChatResponse response = await container.GetRequiredService<FastClient>().GetResponseAsync("hi", new ChatOptions { ModelId = "lab/m", Tools = [ask] });

        response.Results().Single().Result!.ToString().Should().Be("42");
    }

    [Fact]
    public async Task Each_answer_passes_every_stage_of_the_pipeline_as_a_call_of_its_own()
    {
        var seen = new List<int>();
        var provider = new ProviderEmulator(_time).ThenReply(ToolBox.Calls("weather")).Then(503).ThenAnswer("done");
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: h => Lab(h, provider)
            .UseToolInvocation()
            .MapModel("chat", TestClients.Model, "lab/m")
            .AddStage(StageScope.Call, next => new Face.CallProbe(next, call => seen.Add(call.Messages.Count))));

        ChatResponse response = await client.GetResponseAsync("hi", new ChatOptions { ModelId = "chat", Tools = [ToolBox.Weather()] });

        seen.Should().Equal(1, 3);
        response.GetHarborInfo().Attempts.Select(attempt => (attempt.Number, attempt.Provider, attempt.Error)).Should()
            .Equal((1, "openai", null), (2, "openai", ErrorKind.Overloaded), (3, "lab", null));
    }

    private HarborBuilder Lab(HarborBuilder builder, ProviderEmulator provider) =>
        builder.UseTimeProvider(_time).AddLocal("lab", new Uri("http://lab.test/v1/"), o => o.SendOnceThrough(provider.CreateHandler()));

    private sealed record Oracle(string Answer);
}
