using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// Streams as Claude and its gateways send them, each in the fewest events that show it.
public sealed class ClaudeStreamTests
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m-1","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":null,"output_tokens":1}}}""";
    private const string End = """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":null,"output_tokens":7}}""";
    private const string Stop = """{"type":"message_stop"}""";

    [Fact]
    public async Task Thinking_text_and_calls_keep_their_order_and_come_when_they_are_complete()
    {
        await using FastClient client = Client(
            Start,
            Block(0, """{"type":"thinking","thinking":"","signature":""}"""), Delta(0, "thinking_delta", "thinking", "First"), Delta(0, "signature_delta", "signature", "S1"), Ended(0),
            Block(1, """{"type":"tool_use","id":"t1","name":"f","input":{}}"""), Delta(1, "input_json_delta", "partial_json", ""), Delta(1, "input_json_delta", "partial_json", "{\"a\":"), Delta(1, "input_json_delta", "partial_json", "1}"), Ended(1),
            Block(2, """{"type":"thinking","thinking":"","signature":""}"""), Delta(2, "thinking_delta", "thinking", "Then"), Delta(2, "signature_delta", "signature", "S2"), Ended(2),
            Text(3, "said"),
            Block(4, """{"type":"tool_use","id":"t2","name":"g","input":{}}"""), Ended(4),
            End, Stop);

        List<ChatResponseUpdate> updates = await client.UpdatesAsync();

        AIContent[] contents = [.. updates.SelectMany(update => update.Contents).Where(content => content is not UsageContent)];
        contents.Select(Shown).Should().Equal("think First", "sign S1", "call t1 {\"a\":1}", "think Then", "sign S2", "said", "call t2 {}");
        updates.ToChatResponse().Messages.Single().Contents.Select(Shown).Should().Equal("think First", "call t1 {\"a\":1}", "think Then", "said", "call t2 {}");
        (await client.AskAsync()).Messages.Single().Contents.Select(Shown).Should().Equal("think First", "call t1 {\"a\":1}", "think Then", "said", "call t2 {}");
    }

    [Fact]
    public async Task Calls_whose_pieces_alternate_stay_apart()
    {
        await using FastClient client = Client(
            Start, Block(0, """{"type":"tool_use","id":"t1","name":"f","input":{}}"""), Block(1, """{"type":"tool_use","id":"t2","name":"g","input":{}}"""),
            Delta(0, "input_json_delta", "partial_json", "{\"a\":"), Delta(1, "input_json_delta", "partial_json", "{\"b\":"), Delta(0, "input_json_delta", "partial_json", "1}"), Delta(1, "input_json_delta", "partial_json", "2}"),
            Ended(1), Ended(0), End, Stop);

        (await client.UpdatesAsync()).SelectMany(update => update.Contents).OfType<FunctionCallContent>().Select(Shown).Should().BeEquivalentTo("call t1 {\"a\":1}", "call t2 {\"b\":2}");
    }

    [Fact]
    public async Task An_input_that_is_there_from_the_start_counts_unless_pieces_follow()
    {
        await using FastClient client = Client(
            Start, Block(0, """{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}"""), Ended(0),
            Block(1, """{"type":"tool_use","id":"t2","name":"f","input":{"a":1}}"""), Delta(1, "input_json_delta", "partial_json", "{\"b\":2}"), Ended(1),
            Block(2, """{"type":"tool_use","name":"f","input":{}}"""), Ended(2), End, Stop);

        FunctionCallContent[] calls = [.. (await client.AskAsync()).Messages.Single().Contents.OfType<FunctionCallContent>()];

        calls.Take(2).Select(Shown).Should().Equal("call t1 {\"a\":1}", "call t2 {\"b\":2}");
        calls[2].CallId.Should().StartWith("toolu_", "a call without an id gets one");
        calls[2].Arguments.Should().BeEmpty();
    }

    public static TheoryData<string, string[]> Odd => new()
    {
        { "a repeated start", [Start, Text(0, "one "), Start.Replace("msg_1", "msg_2").Replace("m-1", "m-2"), Text(1, "two"), End, Stop] },
        { "pings and unknown events", ["""{"type":"ping"}""", Start, """{"type":"brand_new","index":0,"delta":{"text":"x"}}""", Text(0, "one two"), """{"no":"type"}""", End, Stop] },
        { "unknown deltas", [Start, Block(0, """{"type":"text","text":""}"""), Delta(0, "brand_new_delta", "colour", "red"), Delta(0, "text_delta", "text", "one two"), Ended(0), End, Stop] },
        { "no start of the block", [Start, Delta(0, "text_delta", "text", "one two"), End, Stop] },
        { "no stop of the block", [Start, Block(0, """{"type":"text","text":"one "}"""), Block(1, """{"type":"text","text":"two"}"""), End, Stop] },
        { "no indices", [Start, """{"type":"content_block_start","content_block":{"type":"text","text":""}}""", """{"type":"content_block_delta","delta":{"type":"text_delta","text":"one two"}}""", """{"type":"content_block_stop"}""", End, Stop] },
        { "members in another order", [Start, """{"delta":{"text":"one two","type":"text_delta"},"index":0,"type":"content_block_delta"}""", End, Stop] },
        { "an answer in the start", [Start.Replace("\"content\":[]", """ "content":[{"type":"text","text":"one two"}]"""), End, Stop] },
        { "something after the end", [Start, Text(0, "one two"), End, Stop, Text(1, "junk"), """{"type":"error","error":{"type":"api_error","message":"x"}}"""] },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task What_gateways_do_to_a_stream_changes_nothing(string name, string[] events)
    {
        await using FastClient client = Client([.. events.SelectMany(Split)]);

        foreach (ChatResponse answer in new[] { (await client.UpdatesAsync()).ToChatResponse(), await client.AskAsync() })
        {
            answer.Text.Should().Be("one two", name);
            (answer.ResponseId, answer.ModelId, answer.FinishReason).Should().Be(("msg_1", "m-1", ChatFinishReason.Stop));
            (answer.Usage!.InputTokenCount, answer.Usage.CachedInputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount).Should().Be((14, 4, 7, 21));
        }
    }

    [Fact]
    public async Task A_stray_DONE_is_no_end_and_a_stream_without_message_stop_is_interrupted_with_what_had_come()
    {
        string body = string.Concat(new[] { Start, Text(0, "so far"), End }.SelectMany(Split).Append("[DONE]").Select(data => $"data: {data}\n\n"));
        await using FastClient client = ClaudeClients.Of(new ProviderEmulator().Otherwise(EmulatedReply.Raw(body, "text/event-stream")));

        StreamInterruptedException error = (await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<StreamInterruptedException>()).Which;

        (error.Kind, error.IsTransient, error.Partial.Text, error.Partial.ResponseId).Should().Be((ErrorKind.Interrupted, true, "so far", "msg_1"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_call_that_breaks_off_is_in_the_partial_answer_and_not_to_be_run()
    {
        await using FastClient client = Client(Start, Block(0, """{"type":"tool_use","id":"t1","name":"f","input":{}}"""), Delta(0, "input_json_delta", "partial_json", "{\"a\":"));

        StreamInterruptedException error = (await client.Awaiting(c => c.UpdatesAsync()).Should().ThrowAsync<StreamInterruptedException>()).Which;

        error.Partial.Messages.Single().Contents.OfType<FunctionCallContent>().Single().InformationalOnly.Should().BeTrue();
    }

    [Fact]
    public async Task A_refusal_says_why_and_counts_as_filtered()
    {
        await using FastClient client = Client(Start, """{"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"Not this."}},"usage":{"output_tokens":7}}""", Stop);

        foreach (ChatResponse answer in new[] { (await client.UpdatesAsync()).ToChatResponse(), await client.AskAsync() })
        {
            answer.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
            answer.GetHarborInfo().FinishReason.Should().Be("refusal");
            ErrorContent refusal = answer.Messages.Single().Contents.OfType<ErrorContent>().Single();
            (refusal.Message, refusal.ErrorCode, refusal.Details).Should().Be(("Not this.", "Refusal", "cyber"));
            answer.AdditionalProperties!["stop_details"].Should().BeOfType<JsonElement>().Which.GetProperty("category").GetString().Should().Be("cyber");
        }
    }

    [Fact]
    public async Task Facts_about_the_answer_are_on_the_response()
    {
        await using FastClient client = Client(Start, Text(0, "x").Split('\n')[0], """{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END","container":{"id":"c1"}},"context_management":{"applied_edits":[]},"usage":{"output_tokens":7}}""", Stop);

        foreach (ChatResponse answer in new[] { (await client.UpdatesAsync()).ToChatResponse(), await client.AskAsync() })
        {
            answer.FinishReason.Should().Be(ChatFinishReason.Stop);
            answer.AdditionalProperties!["stop_sequence"].Should().Be("END");
            ((JsonElement)answer.AdditionalProperties["container"]!).GetProperty("id").GetString().Should().Be("c1");
            answer.AdditionalProperties.Should().ContainKey("context_management");
        }
    }

    [Fact]
    public async Task Token_counts_are_the_latest_of_each_and_cached_ones_are_a_part_of_the_input()
    {
        await using FastClient client = Client(
            Start,
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":20,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":2},"output_tokens":9,"output_tokens_details":{"thinking_tokens":6},"server_tool_use":{"web_search_requests":2}}}""",
            """{"type":"message_delta","delta":{},"usage":{"input_tokens":null,"output_tokens":"10","cache_read_input_tokens":-1}}""",
            Stop);

        UsageDetails usage = (await client.AskAsync()).Usage!;

        (usage.InputTokenCount, usage.CachedInputTokenCount, usage.OutputTokenCount, usage.ReasoningTokenCount, usage.TotalTokenCount).Should().Be((29, 4, 10, 6, 39));
        usage.AdditionalCounts.Should().BeEquivalentTo(new Dictionary<string, long> { ["CacheWriteInputTokenCount"] = 5, ["CacheWrite5mInputTokenCount"] = 3, ["CacheWrite1hInputTokenCount"] = 2, ["web_search_requests"] = 2 });
    }

    [Fact]
    public async Task More_calls_than_anybody_asks_for_are_no_answer()
    {
        string[] calls = [.. Enumerable.Range(0, 300).Select(i => Block(i, $$$"""{"type":"tool_use","id":"t{{{i}}}","name":"f","input":{}}"""))];
        await using FastClient client = Client([Start, .. calls, End, Stop]);

        (await client.FailureAsync(options: new HarborChatOptions { Mode = PerformanceMode.Full })).Message.Should().Contain("256 tool calls");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static FastClient Client(params string[] events) => ClaudeClients.Of(new ProviderEmulator().Otherwise(ClaudeClients.Events([.. events.SelectMany(Split)])));

    private static string[] Split(string events) => events.Split('\n');

    private static string Block(int index, string block) => $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}} }""";

    private static string Delta(int index, string type, string member, string text) => $$$"""{"type":"content_block_delta","index":{{{index}}},"delta":{"type":"{{{type}}}","{{{member}}}":{{{JsonSerializer.Serialize(text)}}} }}""";

    private static string Ended(int index) => $$"""{"type":"content_block_stop","index":{{index}} }""";

    private static string Text(int index, string text) => string.Join('\n', Block(index, """{"type":"text","text":""}"""), Delta(index, "text_delta", "text", text), Ended(index));

    private static string Shown(AIContent content) => content switch
    {
        TextReasoningContent { Text.Length: > 0 } thinking => "think " + thinking.Text,
        TextReasoningContent thinking => "sign " + thinking.ProtectedData,
        FunctionCallContent call => $"call {call.CallId} {JsonSerializer.Serialize(call.Arguments)}",
        TextContent text => text.Text,
        _ => content.GetType().Name,
    };
}
