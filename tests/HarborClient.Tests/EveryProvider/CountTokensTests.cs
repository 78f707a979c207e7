using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.EveryProvider;

// The provider's own count where it has one; an estimate, without a request, elsewhere.
public sealed class CountTokensTests
{
    [Theory]
    [InlineData("claude", "/messages/count_tokens", """{"input_tokens":42}""")]
    [InlineData("gemini", "/models/gemini-2.5-flash:countTokens", """{"totalTokens":42}""")]
    public async Task Is_asked_of_a_provider_that_counts(string name, string path, string answer)
    {
        ProviderEmulator provider = new ProviderEmulator().ThenRaw(answer, "application/json");
        await using FastClient client = ProviderUnderTest.Named(name).Create(provider.CreateHandler());

        long tokens = await client.CountTokensAsync(
            [new(ChatRole.System, "Be brief."), new(ChatRole.User, "count me")],
            new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 100, Tools = [AIFunctionFactory.Create((string city) => "", "get_weather")] });

        tokens.Should().Be(42);
        provider.Attempts.Should().ContainSingle().Which.Path.Should().EndWith(path);
        provider.Attempts[0].BodyText.Should().Contain("count me").And.Contain("Be brief.").And.Contain("get_weather");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("claude", "{}")]
    [InlineData("claude", """{"input_tokens":"many"}""")]
    [InlineData("gemini", """{"totalTokens":-1}""")]
    [InlineData("gemini", "<html>")]
    public async Task An_answer_without_a_count_is_a_typed_error(string name, string answer)
    {
        await using FastClient client = ProviderUnderTest.Named(name).Create(new ProviderEmulator().ThenRaw(answer, "application/json").CreateHandler());

        Func<Task> count = () => client.CountTokensAsync([new ChatMessage(ChatRole.User, "count me")]);

        (await count.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("responses")]
    [InlineData("azure")]
    [InlineData("zhipu")]
    [InlineData("zhipu-local")]
    [InlineData("local")]
    public async Task Is_estimated_elsewhere_without_a_request(string name)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ProviderUnderTest.Named(name).Create(provider.CreateHandler());

        long tokens = await client.CountTokensAsync([new ChatMessage(ChatRole.User, "Why is the sky blue?")]);

        tokens.Should().BeInRange(5, 30);
        provider.Attempts.Should().BeEmpty();
    }
}
