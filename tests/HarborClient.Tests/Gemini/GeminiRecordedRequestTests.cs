using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Gemini;

// Requests that other clients sent to Gemini, read into the neutral vocabulary and written again by ours.
public sealed class GeminiRecordedRequestTests
{
    [RecordedTrafficFact]
    public async Task A_recorded_request_comes_out_as_it_went_in()
    {
        int compared = 0;
        foreach (RecordedExchange exchange in RecordedTraffic.Of("gemini").Where(exchange => !exchange.RequestBody.IsEmpty))
        {
            JsonObject recorded = JsonNode.Parse(exchange.RequestBody.Span)!.AsObject();
            JsonObject wanted = GeminiRequest.Normal(recorded);
            JsonObject sent = GeminiRequest.Normal(recorded["contents"] is null ? await EmbedAsync(recorded) : await ChatAsync(recorded));

            JsonNode.DeepEquals(sent, wanted).Should().BeTrue("{0}:\n{1}\nis expected, this was sent:\n{2}", exchange.Name, wanted, sent);
            compared++;
        }

        TestReport.Add($"gemini: {compared} recorded requests compared");
        compared.Should().BeGreaterThan(30);
    }

    private static async Task<JsonObject> ChatAsync(JsonObject recorded)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);
        (List<ChatMessage> messages, ChatOptions options) = GeminiRequest.Neutral(recorded);
        await client.GetResponseAsync(messages, options);
        return JsonNode.Parse(provider.Attempts[0].Body)!.AsObject();
    }

    // embedContent is written as a batch of one.
    private static async Task<JsonObject> EmbedAsync(JsonObject recorded)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);
        JsonObject[] requests = recorded["requests"] is JsonArray batch ? [.. batch.OfType<JsonObject>()] : [recorded];
        var options = new EmbeddingGenerationOptions { ModelId = "gemini/gemini-embedding-2", Dimensions = (int?)requests[0]["outputDimensionality"], AdditionalProperties = [] };
        foreach ((string name, JsonNode? value) in requests[0].Where(member => member.Key is not ("model" or "content" or "outputDimensionality"))) options.AdditionalProperties[name] = value!.DeepClone();
        await client.GenerateAsync(requests.Select(request => (string)request["content"]!["parts"]![0]!["text"]!), options);
        return JsonNode.Parse(provider.Attempts[0].Body)!.AsObject();
    }
}
