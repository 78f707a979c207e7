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
}
