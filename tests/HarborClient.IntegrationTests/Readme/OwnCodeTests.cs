namespace HarborClient.IntegrationTests.Readme;

// The README's example of testing one's own code.
public sealed class OwnCodeTests
{
    [Fact]
    public async Task The_second_host_answers_when_the_first_is_busy()
    {
        // <readme>
        var provider = new ProviderEmulator().Then(429, retryAfterSeconds: 3).ThenAnswer("hello");
        HttpMessageHandler handler = provider.CreateHandler();
        await using var harbor = FastClient.Create(h => h
            .AddLocal("a", new Uri("http://a/v1/"), o => o.UseHandler(handler))
            .AddLocal("b", new Uri("http://b/v1/"), o => o.UseHandler(handler))
            .MapModel("chat", "a/model", "b/model").UseDefaultModel("chat"));
        Assert.Equal("hello", (await harbor.GetResponseAsync("hi")).Text);
        Assert.Equal(2, provider.Attempts.Count);
        // </readme>
    }
}
