using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Claude;

// Requests that other clients sent to Claude, read into the neutral vocabulary and written again by ours: the same body.
public sealed class ClaudeRecordedRequestTests
{
    // The provider refuses it, and so do we: a temperature of -5.
    private const string Refused = "anthropic/rig-anthropic-error-identity-edge-validation-error-carries-identity-0";

    public static TheoryData<string> Cases =>
        [.. RecordedTraffic.Of("anthropic").Where(exchange => !exchange.RequestBody.IsEmpty && exchange.Name != Refused).Select(exchange => exchange.Name)];

    [RecordedTrafficTheory]
    [MemberData(nameof(Cases))]
    public async Task A_recorded_request_comes_out_as_it_went_in(string name)
    {
        JsonObject recorded = JsonNode.Parse(RecordedTraffic.Load(name).RequestBody.Span)!.AsObject();
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider, o => o.PromptCaching = ClaudePromptCaching.Off);
        (List<ChatMessage> messages, ChatOptions options) = ClaudeRequestReader.Read(recorded);

        if ((bool?)recorded["stream"] == true) await client.GetStreamingResponseAsync(messages, options).ToListAsync();
        else await client.GetResponseAsync(messages, options);

        ClaudeRequestReader.Normal(JsonNode.Parse(provider.Attempts[0].Body)!.AsObject()).ShouldBe(ClaudeRequestReader.Normal(recorded).ToJsonString());
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [RecordedTrafficFact]
    public async Task A_recorded_request_that_the_provider_refused_is_refused_before_it_is_sent()
    {
        JsonObject recorded = JsonNode.Parse(RecordedTraffic.Load(Refused).RequestBody.Span)!.AsObject();
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider);
        (List<ChatMessage> messages, ChatOptions options) = ClaudeRequestReader.Read(recorded);

        (await client.Awaiting(c => c.GetResponseAsync(messages, options)).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        provider.Attempts.Should().BeEmpty();
    }
}
