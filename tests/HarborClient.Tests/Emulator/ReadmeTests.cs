using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

/// <summary>The example of the package's README, to the letter.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_example_of_the_readme_works()
    {
        var time = new ManualTimeProvider();
        var emulator = new ProviderEmulator(time).ThenAnswer("Hello world", reply => reply.SilentAfterUpdates(1));
        await using var client = FastClient.Create(h => h.AddOpenAI("test-key", o => o.UseHandler(emulator.CreateHandler())).UseTimeProvider(time));
        await using var stream = client.StreamTextAsync("hi", new ChatOptions { ModelId = "openai/gpt-5-mini" }).GetAsyncEnumerator();
        await stream.MoveNextAsync();                           // "Hello"
        var next = stream.MoveNextAsync();                      // the host has fallen silent
        time.Advance(TimeSpan.FromSeconds(300));                // the Idle clock of a reasoning model
        var error = await Assert.ThrowsAsync<StreamInterruptedException>(() => next.AsTask());
        Assert.Equal("Hello", error.Partial.Text);
    }

    [Fact]
    public async Task The_tool_call_of_the_readme_works()
    {
        var reply = new EmulatedReply().ToolCall("call_1", "get_weather", "{\"city\":", "\"Oslo\"}");
        var emulator = new ProviderEmulator().ThenReply(reply).ThenAnswer("It rains in Oslo.");

        await using var client = FastClient.Create(h => h.AddOpenAI("test-key", o => o.UseHandler(emulator.CreateHandler())));
        var options = new ChatOptions { ModelId = "openai/gpt-5-mini" };
        var call = await client.GetResponseAsync("Weather?", options);
        var answer = await client.GetResponseAsync("And?", options);

        var content = call.Messages[0].Contents.OfType<FunctionCallContent>().Should().ContainSingle().Subject;
        content.CallId.Should().Be("call_1");
        content.Name.Should().Be("get_weather");
        content.Arguments!["city"]!.ToString().Should().Be("Oslo");
        answer.Text.Should().Be("It rains in Oslo.");
    }
}
