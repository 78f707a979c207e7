using System.Text.Json.Nodes;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;
using HarborClient.Testing;

namespace HarborClient.Tests.Gemini;

// Gemini 3 refuses a history whose thought signatures do not stand on the parts they came on.
public sealed class GeminiSignatureTests
{
    private const string Call = """{"functionCall":{"id":"c1","name":"sum","args":{"a":1}},"thoughtSignature":"sig-1"}""";
    private const string SecondCall = """{"functionCall":{"id":"c2","name":"sum","args":{"a":2}}}""";
    private const string Thought = """{"text":"Let me think. ","thought":true}""";
    private const string MoreThought = """{"text":"More.","thought":true}""";
    private const string Signed = """{"text":"Hello","thoughtSignature":"sig-2"}""";
    private const string SignedEmpty = """{"text":"","thoughtSignature":"sig-3"}""";
    private const string Text = """{"text":"Hello"}""";
    private const string Code = """{"executableCode":{"language":"PYTHON","code":"1+1"},"thoughtSignature":"sig-4"}""";
    private const string CodeResult = """{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"2"}}""";
    private const string Image = """{"inlineData":{"mimeType":"image/png","data":"AQID"},"thoughtSignature":"sig-5"}""";
    private const string SignedThought = """{"text":"Deep.","thought":true,"thoughtSignature":"sig-6"}""";
    private const string Unknown = """{"toolCall":{"id":"t1","name":"x"},"thoughtSignature":"sig-7"}""";
    private const string OnlySignature = """{"thoughtSignature":"sig-8"}""";

    // The parts of an answer, and those that go back, where they are not the same.
    public static TheoryData<string[], string[]?> Answers => new()
    {
        { [Call], null },
        { [Call, SecondCall], null },
        { [Signed], null },
        { [Text, Call], null },
        { [Text, SignedEmpty], null },
        { [Code, CodeResult, Text], null },
        { [Text, Image], null },
        { [Unknown, Text], null },
        { [Signed, Call, SecondCall], null },
        { [Thought, MoreThought, Call], [Call] },
        { [Thought, Signed], [Signed] },
        { [SignedEmpty, SecondCall], null },
        { [Signed, MoreThought, Call], [Signed, Call] },
        { [SignedEmpty, MoreThought, SecondCall], [SignedEmpty, SecondCall] },
        { [SignedEmpty, Call], null },
        { [SignedThought, SecondCall], ["""{"functionCall":{"id":"c2","name":"sum","args":{"a":2}},"thoughtSignature":"sig-6"}"""] },
        { [OnlySignature, SecondCall], ["""{"text":"","thoughtSignature":"sig-8"}""", SecondCall] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Parts_go_back_as_they_came_from_a_plain_answer(string[] parts, string[]? expected)
    {
        await using FastClient client = GeminiClients.Answering(GeminiClients.Parts(string.Join(',', parts)));

        ChatResponse answer = await client.AskAsync();

        await AssertSentBackAsync(answer, expected ?? parts);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Parts_go_back_as_they_came_from_a_folded_stream(string[] parts, string[]? expected)
    {
        await using FastClient client = GeminiClients.Streaming([.. parts.Select(part => GeminiClients.Parts(part, null)), GeminiClients.Parts("""{"text":""}""")]);

        ChatResponse folded = (await client.UpdatesAsync()).ToChatResponse();
        ChatResponse ours = (await client.UpdatesAsync()).ToHarborResponse();
        ChatResponse full = await client.AskAsync(options: new HarborChatOptions { Mode = PerformanceMode.Full });

        foreach (ChatResponse answer in new[] { folded, ours, full }) await AssertSentBackAsync(answer, expected ?? parts);
    }

    [RecordedTrafficFact]
    public async Task Recorded_signatures_go_back_onto_the_parts_they_came_on()
    {
        int signatures = 0;
        foreach (RecordedExchange exchange in RecordedTraffic.Of("gemini").Where(exchange => exchange.Body.Span.IndexOf("thoughtSignature"u8) >= 0))
        {
            var provider = new ProviderEmulator().Otherwise(EmulatedReply.Replay(exchange));
            await using FastClient client = GeminiClients.Create(provider);

            JsonNode plain = await GeminiClients.SentBackAsync((await client.AskAsync()).Messages);
            JsonNode streamed = await GeminiClients.SentBackAsync((await client.UpdatesAsync()).ToChatResponse().Messages);

            List<string> wanted = [.. RecordedParts(exchange).Where(part => part["thoughtSignature"] is not null).Select(Marked)];
            SignedParts(plain).Should().Equal(wanted, exchange.Name);
            SignedParts(streamed).Should().Equal(wanted, exchange.Name);
            signatures += wanted.Count;
        }

        TestReport.Add($"gemini: {signatures} recorded thought signatures sent back onto their parts");
        signatures.Should().BeGreaterThan(9);
    }

    private static async Task AssertSentBackAsync(ChatResponse answer, string[] expected)
    {
        JsonNode contents = await GeminiClients.SentBackAsync(answer.Messages);
        JsonNode wanted = JsonNode.Parse($"[{string.Join(',', expected)}]")!;
        JsonNode.DeepEquals(contents[1]!["parts"], wanted).Should().BeTrue("{0}\nis expected, this was sent:\n{1}", wanted, contents);
        contents[1]!["role"]!.GetValue<string>().Should().Be("model");
    }

    private static IEnumerable<JsonObject> RecordedParts(RecordedExchange exchange)
    {
        string body = System.Text.Encoding.UTF8.GetString(exchange.Body.Span);
        IEnumerable<string> chunks = body.StartsWith("data:", StringComparison.Ordinal)
            ? body.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).Select(line => line[5..])
            : [body];
        return chunks.SelectMany(chunk => JsonNode.Parse(chunk)!["candidates"]?[0]?["content"]?["parts"]?.AsArray().OfType<JsonObject>() ?? []);
    }

    private static IEnumerable<string> SignedParts(JsonNode contents) =>
        contents.AsArray().SelectMany(content => content!["parts"]!.AsArray().OfType<JsonObject>()).Where(part => part["thoughtSignature"] is not null).Select(Marked);

    // The signature, and what it stands on.
    private static string Marked(JsonObject part) => $"{part["thoughtSignature"]} on {part["text"]}{part["functionCall"]?["name"]}{part["executableCode"]?["code"]}";
}
