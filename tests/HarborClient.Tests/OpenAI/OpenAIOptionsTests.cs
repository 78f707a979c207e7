using HarborClient.Testing;
using HarborClient.Tests.Face;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.OpenAI;

// Each option of the provider has an effect.
public sealed class OpenAIOptionsTests
{
    [Fact]
    public async Task Organization_and_project_are_headers()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = With(provider, o => (o.Organization, o.Project) = ("org-1", "proj_1"));

        await client.AskAsync();

        provider.Attempts[0].Headers.Should().Contain("OpenAI-Organization", "org-1").And.Contain("OpenAI-Project", "proj_1");
    }

    [Fact]
    public async Task Without_them_there_are_no_such_headers()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = With(provider, _ => { });

        await client.AskAsync();

        provider.Attempts[0].Headers.Keys.Should().NotContain(name => name.StartsWith("OpenAI-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("org 1")]
    [InlineData("org\r\nX: 1")]
    public void An_id_that_is_no_header_is_refused(string id)
    {
        Action organization = () => With(new ProviderEmulator(), o => o.Organization = id);
        Action project = () => With(new ProviderEmulator(), o => o.Project = id);

        organization.Should().Throw<HarborException>().Which.Message.Should().Contain("OpenAI.Organization");
        project.Should().Throw<HarborException>().Which.Message.Should().Contain("OpenAI.Project");
    }

    [Fact]
    public void An_interface_that_does_not_exist_is_refused()
    {
        Action openAI = () => With(new ProviderEmulator(), o => o.Api = (OpenAIApi)9);
        Action local = () => TestClients.Local(new ProviderEmulator(), TimeProvider.System, options: o => o.Api = (OpenAIApi)9);

        openAI.Should().Throw<HarborException>().Which.Message.Should().Contain("OpenAI.Api");
        local.Should().Throw<HarborException>().Which.Message.Should().Contain("Local.lab.Api");
    }

    [Theory]
    [InlineData(OpenAIApi.ChatCompletions, "max_completion_tokens")]
    [InlineData(OpenAIApi.Responses, "max_output_tokens")]
    public async Task Default_model_temperature_and_tokens_fill_in_and_a_call_outweighs_them(OpenAIApi api, string tokens)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h.AddOpenAI(Emulated.Key, o =>
        {
            o.Api = api;
            o.DefaultModel = "gpt-4.1";
            o.DefaultTemperature = 0.25f;
            o.DefaultMaxOutputTokens = 50;
            o.SendOnceThrough(provider.CreateHandler());
        }));

        await client.AskAsync(options: new ChatOptions { ModelId = "openai" });
        await client.AskAsync(options: new ChatOptions { ModelId = "openai", Temperature = 1, MaxOutputTokens = 60 });

        provider.Body(0).GetProperty("model").GetString().Should().Be("gpt-4.1");
        provider.Body(0).GetProperty("temperature").GetDouble().Should().Be(0.25);
        provider.Body(0).GetProperty(tokens).GetInt32().Should().Be(50);
        provider.Body(1).GetProperty("temperature").GetDouble().Should().Be(1);
        provider.Body(1).GetProperty(tokens).GetInt32().Should().Be(60);
    }

    [Fact]
    public async Task User_agent_and_default_headers_are_sent()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = With(provider, o =>
        {
            o.UserAgent = "mine/1";
            o.Organization = "org-1";
            o.DefaultHeaders["OpenAI-Organization"] = "org-2";
            o.DefaultHeaders["X-Team"] = "search";
        });

        await client.AskAsync();

        provider.Attempts[0].Headers.Should().Contain("user-agent", "mine/1").And.Contain("X-Team", "search").And.Contain("OpenAI-Organization", "org-2");
    }

    [Fact]
    public async Task Configuration_says_all_of_it()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OpenAI:Keys:0"] = "sk-1-7Qm2xWv9",
            ["OpenAI:Api"] = "Responses",
            ["OpenAI:Organization"] = "org-1",
            ["AzureOpenAI:Endpoint"] = "https://name.openai.azure.com/",
            ["AzureOpenAI:Keys:0"] = "key-7Qm2xWv9",
            ["AzureOpenAI:ApiVersion"] = "2024-10-21",
            ["Local:lab:Endpoint"] = "http://lab.test:8000/v1/",
            ["Local:lab:Api"] = "Responses",
        }).Build();
        await using ServiceProvider services = new ServiceCollection().AddHarborAI(section).BuildServiceProvider();

        services.GetRequiredService<FastClient>().Should().NotBeNull();
    }

    private static FastClient With(ProviderEmulator provider, Action<OpenAIOptions> configure) => TestClients.OpenAI(provider, TimeProvider.System, options: configure);
}
