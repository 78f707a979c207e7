using HarborClient.Testing;
using HarborClient.Tests.Face;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Caching.Semantic;

// The semantic cache, switched on by configuration.
public sealed class SemanticConfigurationTests
{
    private readonly ProviderEmulator _provider = new();

    [Fact]
    public async Task A_section_with_an_embedding_model_has_questions_embedded()
    {
        await using ServiceProvider container = Container(("EmbeddingModel", "openai/text-embedding-3-small"));
        var client = container.GetRequiredService<FastClient>();

        await client.GetResponseAsync("How do I reset my password?", new HarborChatOptions { Temperature = 0 });

        _provider.Attempts.Select(attempt => attempt.Path).Should().Equal("/v1/embeddings", "/v1/chat/completions");
    }

    [Theory]
    [InlineData("Threshold", "0.5")]
    [InlineData("Margin", "0.5")]
    [InlineData("MaximumEntries", "0")]
    [InlineData("Timeout", "00:01:00")]
    public void Its_settings_are_read_and_checked(string setting, string value) =>
        Building(("EmbeddingModel", "openai/text-embedding-3-small"), (setting, value)).Should().Throw<HarborException>().Where(error => error.Kind == ErrorKind.Configuration && error.Message.Contains($"The {setting} of UseSemanticCache"));

    [Fact]
    public void Without_an_embedding_model_it_says_what_is_missing() =>
        Building(("Threshold", "0.9")).Should().Throw<HarborException>().Where(error => error.Kind == ErrorKind.Configuration && error.Message.Contains("EmbeddingModel"));

    private Action Building(params (string Key, string Value)[] settings) => () =>
    {
        using ServiceProvider container = Container(settings);
        container.GetRequiredService<FastClient>();
    };

    private ServiceProvider Container(params (string Key, string Value)[] settings)
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>("SemanticCache:" + setting.Key, setting.Value))).Build();
        return new ServiceCollection().AddHarborAI(section, h => h.AddOpenAI(_provider).UseDefaultModel(Emulated.OpenAIModel).UseMode(PerformanceMode.Full)).BuildServiceProvider();
    }
}
