using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.EveryProvider;

// Signed or encrypted reasoning goes back to the provider that made it, and to nobody else: another one would refuse the whole request.
public sealed class ForeignReasoningTests
{
    // Recorded answers with protected reasoning, by the provider that gave them.
    private static readonly Dictionary<string, string> Recorded = new()
    {
        ["claude"] = "anthropic/rig-anthropic-messages-thinking-redacted-thinking-streaming-0",
        ["gemini"] = "gemini/fantasy-testgooglethinking-gemini-2-5-pro-thinking-streaming-0",
        ["responses"] = "openai-responses/vercel-openai-reasoning-encrypted-content-1-chunks-0",
    };

    public static TheoryData<string, string, bool> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string, bool>();
            foreach (string from in Recorded.Keys)
            {
                foreach (string to in Recorded.Keys)
                {
                    pairs.Add(from, to, true);
                    pairs.Add(from, to, false);
                }
            }

            return pairs;
        }
    }

    [RecordedTrafficTheory]
    [MemberData(nameof(Pairs))]
    public async Task It_goes_back_to_its_own_provider_only(string from, string to, bool isStreamed)
    {
        var exchange = RecordedTraffic.Load(Recorded[from]);
        await using FastClient origin = ProviderUnderTest.Named(from).Create(new ProviderEmulator().Otherwise(EmulatedReply.Replay(exchange)).CreateHandler());
        ChatResponse answer = isStreamed ? await origin.GetStreamingResponseAsync("hi").ToChatResponseAsync() : await origin.AskAsync(options: new HarborChatOptions { FirstUpdateTimeout = TimeSpan.FromMinutes(1) });
        string[] secrets = [.. answer.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.ProtectedData).OfType<string>()];
        secrets.Should().NotBeEmpty("{0} has protected reasoning", exchange.Name);
        var provider = new ProviderEmulator();
        await using FastClient client = ProviderUnderTest.Named(to).Create(provider.CreateHandler());
        IList<ChatMessage> messages = ThroughJson(answer.Messages);
        List<ChatMessage> history = [new(ChatRole.User, "hi"), .. messages, .. ResultsFor(messages), new(ChatRole.User, "go on")];

        await client.GetResponseAsync(history);

        string sent = provider.Attempts[0].BodyText;
        foreach (string secret in secrets) sent.Contains(secret, StringComparison.Ordinal).Should().Be(from == to);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static IEnumerable<ChatMessage> ResultsFor(IList<ChatMessage> messages) => messages
        .SelectMany(message => message.Contents).OfType<FunctionCallContent>()
        .Select(call => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "done")]));

    // As a history that was kept in a store.
    private static IList<ChatMessage> ThroughJson(IList<ChatMessage> messages) =>
        JsonSerializer.Deserialize<IList<ChatMessage>>(JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
}
