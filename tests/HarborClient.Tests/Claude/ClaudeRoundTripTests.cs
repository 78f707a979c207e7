using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Claude;

// Claude wants its own turns back as it said them: thinking is signed, and results of its tools belong to their calls.
public sealed class ClaudeRoundTripTests
{
    private const string Thinking = """[{"type":"thinking","thinking":"Say \"é\" & 👍\nthen stop.","signature":"Ab+/=="},{"type":"redacted_thinking","data":"Zm9v+/=="},{"type":"thinking","thinking":"","signature":"Cd=="},{"type":"text","text":"It rains."},{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo","days":[1,2.50]}}]""";

    public static TheoryData<string> Cases =>
        [.. RecordedTraffic.Of("anthropic").Where(exchange => exchange.ReadExpected()!.Value.GetProperty("kind").GetString() == "chat").Select(exchange => exchange.Name)];

    [RecordedTrafficTheory]
    [MemberData(nameof(Cases))]
    public async Task A_recorded_answer_goes_back_as_the_blocks_that_came(string name)
    {
        var exchange = RecordedTraffic.Load(name);
        var blocks = ClaudeExpectations.BlocksOf(exchange);
        foreach (var answer in await AnswersAsync(EmulatedReply.Replay(exchange)))
            AssertSame(await SentBackAsync(answer.Messages), blocks);
    }

    [Fact]
    public async Task Thinking_goes_back_byte_for_byte_plain_and_streamed_and_after_a_while_as_JSON()
    {
        var whole = EmulatedReply.Raw($$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":{{Thinking}},"stop_reason":"tool_use"}""", "application/json");
        foreach (var reply in new[] { whole, Streamed(Thinking) })
        {
            foreach (var answer in await AnswersAsync(reply))
            {
                AssertSame(await SentBackAsync(answer.Messages), JsonNode.Parse(Thinking)!.AsArray());
                var kept = JsonSerializer.Deserialize<List<ChatMessage>>(JsonSerializer.Serialize(answer.Messages, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
                AssertSame(await SentBackAsync(kept), JsonNode.Parse(Thinking)!.AsArray());
            }
        }
    }

    [Fact]
    public async Task Blocks_of_server_tools_and_unknown_ones_go_back_as_they_came()
    {
        const string Blocks = """[{"type":"text","text":"Let me look."},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"a \"b\" é"}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://x.test/","title":"X","encrypted_content":"Ev=="}]},{"type":"mcp_tool_use","id":"mcptoolu_1","name":"echo","server_name":"s","input":{}},{"type":"compaction","content":"so far"},{"type":"brand_new","x":{"y":[1,null]}},{"type":"text","text":"Done."}]""";
        foreach (var answer in await AnswersAsync(Streamed(Blocks)))
        {
            var contents = answer.Messages.Single().Contents;
            contents.Where(content => content.RawRepresentation is JsonElement).Select(content => ((JsonElement)content.RawRepresentation!).GetProperty("type").GetString())
                .Should().Equal("server_tool_use", "web_search_tool_result", "mcp_tool_use", "compaction", "brand_new");
            AssertSame(await SentBackAsync(answer.Messages), JsonNode.Parse(Blocks)!.AsArray());
        }
    }

    [Fact]
    public async Task Citations_belong_to_their_text_and_go_back_with_it()
    {
        const string Blocks = """[{"type":"text","text":"I looked: "},{"type":"text","text":"Ruby is of 1993","citations":[{"type":"web_search_result_location","url":"https://x.test/","title":"X","encrypted_index":"Eo==","cited_text":"in 1993."}]},{"type":"text","text":", says X."}]""";
        var whole = EmulatedReply.Raw($$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":{{Blocks}},"stop_reason":"end_turn"}""", "application/json");
        foreach (var (reply, mode) in new[] { (whole, PerformanceMode.Balanced), (Streamed(Blocks), PerformanceMode.Full) })
        {
            await using var client = ClaudeClients.Of(new ProviderEmulator().Otherwise(reply));

            var answer = await client.GetResponseAsync("hi", new HarborChatOptions { Mode = mode });

            var texts = answer.Messages.Single().Contents.OfType<TextContent>().ToList();
            texts.Select(text => text.Text).Should().Equal("I looked: ", "Ruby is of 1993", ", says X.");
            texts[0].Annotations.Should().BeNull();
            var citation = texts[1].Annotations!.Single().Should().BeOfType<CitationAnnotation>().Subject;
            (citation.Title, citation.Url, citation.Snippet).Should().Be(("X", new Uri("https://x.test/"), "in 1993."));
            (await SentBackAsync(answer.Messages)).ShouldBe(Blocks);
        }
    }

    [Fact]
    public async Task Citations_that_are_streamed_come_with_an_update_of_their_own()
    {
        const string Blocks = """[{"type":"text","text":"Ruby is of 1993","citations":[{"type":"char_location","cited_text":"in 1993.","document_index":0,"document_title":"facts.txt","start_char_index":0,"end_char_index":8}]}]""";
        await using var client = ClaudeClients.Of(new ProviderEmulator().Otherwise(Streamed(Blocks)));

        var updates = await client.GetStreamingResponseAsync("hi").ToListAsync();

        updates.SelectMany(update => update.Contents).SelectMany(content => content.Annotations ?? []).OfType<CitationAnnotation>().Single().Title.Should().Be("facts.txt");
        (await client.StreamTextAsync("hi").ToListAsync()).Should().NotContain("").And.Subject.Should().NotBeEmpty();
    }

    [Fact]
    public async Task The_program_that_called_a_tool_is_named_again()
    {
        const string Blocks = """[{"type":"tool_use","id":"toolu_1","name":"query","input":{},"caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_1"}}]""";
        foreach (var answer in await AnswersAsync(Streamed(Blocks))) (await SentBackAsync(answer.Messages)).ShouldBe(Blocks);
    }

    [Fact]
    public async Task A_pause_keeps_its_word_and_goes_on_when_the_message_is_sent_back()
    {
        const string Blocks = """[{"type":"text","text":"Searching. "},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}]""";
        var provider = new ProviderEmulator().ThenReply(Streamed(Blocks, "pause_turn")).ThenAnswer("Found.");
        await using var client = ClaudeClients.Of(provider);
        List<ChatMessage> messages = [new(ChatRole.User, "search")];

        var first = (await client.GetStreamingResponseAsync(messages).ToListAsync()).ToHarborResponse();
        messages.AddRange(first.Messages);
        var second = await client.GetResponseAsync(messages);

        first.FinishReason.Should().Be(new ChatFinishReason("pause_turn"));
        second.Text.Should().Be("Found.");
        JsonNode.Parse(provider.Attempts[1].Body)!["messages"]![1]!.ShouldBe($$"""{"role":"assistant","content":{{Blocks}}}""");
    }

    // A stream of these blocks, each text, thinking and input in pieces of three characters.
    private static EmulatedReply Streamed(string blocks, string stopReason = "tool_use") => ClaudeClients.Events([.. ClaudeEvents.Of(JsonNode.Parse(blocks)!.AsArray(), stopReason)]);

    // As updates that the caller folds, plain, and streamed upstream and folded by the client.
    private static async Task<IReadOnlyList<ChatResponse>> AnswersAsync(EmulatedReply reply)
    {
        await using var client = ClaudeClients.Of(new ProviderEmulator().Otherwise(reply));
        ChatResponse[] answers =
        [
            await client.GetStreamingResponseAsync("hi").ToChatResponseAsync(),
            await client.GetResponseAsync("hi"),
            await client.GetResponseAsync("hi", new HarborChatOptions { Mode = PerformanceMode.Full }),
        ];
        client.Outstanding().Should().Be(Outstanding.None);
        return answers;
    }

    private static async Task<JsonArray> SentBackAsync(IEnumerable<ChatMessage> messages)
    {
        var sent = await ClaudeClients.SentAsync([new(ChatRole.User, "question"), .. messages, new(ChatRole.User, "go on")]);
        var turns = sent["messages"]!.AsArray();
        return turns.Count == 3 ? turns[1]!["content"]!.AsArray() : [];
    }

    private static void AssertSame(JsonArray sent, JsonArray expected) =>
        ClaudeExpectations.Normal(sent).ShouldBe(ClaudeExpectations.Normal(expected).ToJsonString());
}
