using HarborClient.Testing;

namespace HarborClient.Tests.Calls;

// What the tests of endings share: a provider that is well after its script, and the look at what is held.
public abstract class CallEndings
{
    protected CallEndings() => Provider = new ProviderEmulator(Time).Otherwise(EmulatedReply.Answer("alive and well"));

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    public static TheoryData<PerformanceMode, bool> ModesAndWays
    {
        get
        {
            var data = new TheoryData<PerformanceMode, bool>();
            foreach (var mode in Enum.GetValues<PerformanceMode>())
            {
                data.Add(mode, true);
                data.Add(mode, false);
            }

            return data;
        }
    }

    protected ManualTimeProvider Time { get; } = new();

    protected ProviderEmulator Provider { get; }

    protected static async Task<string> AskAsync(FastClient client, bool isStreaming, ChatOptions? options = null, CancellationToken token = default)
    {
        if (!isStreaming) return (await client.GetResponseAsync("hi", options, token)).Text;
        return string.Concat(await client.StreamTextAsync("hi", options, token).ToListAsync());
    }

    protected static async Task AssertNothingIsHeldAsync(FastClient client)
    {
        client.Outstanding().Should().Be(Outstanding.None);
        (await client.GetResponseAsync("still there?").Guarded()).Text.Should().Be("alive and well");
        string.Concat(await client.StreamTextAsync("and streaming?").ToListAsync().Guarded()).Should().Be("alive and well");
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
