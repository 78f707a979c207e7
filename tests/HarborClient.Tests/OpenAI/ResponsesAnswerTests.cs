using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using static HarborClient.Tests.OpenAI.ResponsesClients;

namespace HarborClient.Tests.OpenAI;

// Answers of the Responses API in the fewest bytes that show a point.
public sealed class ResponsesAnswerTests
{
    private const string Message = """{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]}""";

    [Fact]
    public async Task Items_come_in_their_order_and_calls_where_they_were_made()
    {
        string[] events =
        [
            Created,
            Item("added", 0, """{"id":"msg_1","type":"message","content":[]}"""),
            Delta("output_text", 0, "Let me see."),
            Item("done", 0, """{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Let me see."}]}"""),
            Item("added", 1, """{"id":"fc_1","type":"function_call","call_id":"call_1","name":"weather","arguments":""}"""),
            Delta("function_call_arguments", 1, "{\\\"city\\\":"),
            Delta("function_call_arguments", 1, "\\\"Oslo\\\"}"),
            Item("done", 1, """{"id":"fc_1","type":"function_call","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Oslo\"}"}"""),
            Item("added", 2, """{"id":"msg_2","type":"message","content":[]}"""),
            Delta("output_text", 2, "Done."),
            Completed(),
        ];
        await using FastClient client = Streaming([.. events]);

        ChatResponse answer = await client.FoldedAsync();

        answer.Contents().Select(content => content.GetType().Name).Should().Equal("TextContent", "FunctionCallContent", "TextContent");
        FunctionCallContent call = answer.Contents().OfType<FunctionCallContent>().Single();
        call.CallId.Should().Be("call_1", "a call is answered by its call_id, not by the id of its item");
        call.Arguments!["city"]!.ToString().Should().Be("Oslo");
        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Item_ids_that_change_between_events_do_not_matter()
    {
        await using FastClient client = Streaming(
            Created,
            Item("added", 0, """{"id":"first","type":"function_call","call_id":"call_1","name":"now"}"""),
            """{"type":"response.function_call_arguments.delta","item_id":"second","output_index":0,"delta":"{}"}""",
            Item("done", 0, """{"id":"third","type":"function_call","call_id":"call_1","name":"now","arguments":"{}"}"""),
            Completed());

        (await client.FoldedAsync()).Contents().OfType<FunctionCallContent>().Should().ContainSingle().Which.CallId.Should().Be("call_1");
    }

    [Fact]
    public async Task What_did_not_stream_is_taken_from_the_items_and_what_had_no_item_from_the_end()
    {
        await using FastClient items = Streaming(Created, Item("done", 0, Message), Completed());
        await using FastClient end = Streaming(Created, Completed($"[{Message}]"));
        await using FastClient both = Streaming(Created, Delta("output_text", 0, "Hello"), Item("done", 0, Message), Completed($"[{Message}]"));

        (await items.FoldedAsync()).Text.Should().Be("Hello");
        (await end.FoldedAsync()).Text.Should().Be("Hello");
        (await both.FoldedAsync()).Text.Should().Be("Hello", "nothing is said twice");
    }

    [Fact]
    public async Task A_host_that_numbers_no_items_is_read_too()
    {
        await using FastClient client = Streaming(
            Created,
            """{"type":"response.output_text.delta","delta":"Hel"}""",
            """{"type":"response.output_text.delta","delta":"lo"}""",
            $$"""{"type":"response.output_item.done","item":{{Message}}}""",
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"c1","name":"a"}}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"c1","name":"a","arguments":"{}"}}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"c2","name":"b","arguments":"{}"}}""",
            Completed());

        ChatResponse answer = await client.FoldedAsync();

        answer.Text.Should().Be("Hello");
        answer.Contents().OfType<FunctionCallContent>().Select(call => call.CallId).Should().Equal("c1", "c2");
    }

    [Theory]
    [InlineData("""{"type":"response.something_new","output_index":0,"delta":"x"}""")]
    [InlineData("""{"type":"keepalive","sequence_number":3}""")]
    [InlineData("""{"type":"response.queued"}""")]
    [InlineData("""{"type":"response.output_text.delta","output_index":0,"delta":null,"obfuscation":"xxxx"}""")]
    [InlineData("""{"type":"response.output_text.delta","output_index":0,"delta":{"a":1}}""")]
    [InlineData("""{"type":"response.output_item.added","output_index":0,"item":null}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"obfuscation":"x"}""")]
    [InlineData("[DONE]")]
    [InlineData("")]
    public async Task An_event_that_says_nothing_is_skipped(string odd)
    {
        await using FastClient client = Streaming(Created, odd, Delta("output_text", 0, "Hello"), odd, Item("done", 0, Message), odd, Completed(), "[DONE]", odd);

        ChatResponse answer = await client.FoldedAsync();

        answer.Text.Should().Be("Hello");
        answer.GetHarborInfo().FinishReason.Should().Be("completed");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_item_that_nobody_knows_is_carried_as_it_is(bool isStreaming)
    {
        const string Item = """{"id":"q_1","type":"quantum_call","status":"completed","state":{"a":[1,2]}}""";
        await using FastClient client = isStreaming
            ? Streaming(Created, ResponsesClients.Item("added", 0, Item), ResponsesClients.Item("done", 0, Item), ResponsesClients.Item("done", 1, Message), Completed())
            : Plain($$"""{"id":"resp_1","status":"completed","model":"m","output":[{{Item}},{{Message}}]}""");

        ChatResponse answer = isStreaming ? await client.FoldedAsync() : await client.AskAsync();

        answer.Text.Should().Be("Hello");
        answer.Contents()[0].RawRepresentation.Should().BeOfType<JsonElement>().Which.ShouldBeJson(Item);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citations_are_annotations_of_the_text(bool isStreaming)
    {
        const string Cited = """
            {"type":"message","content":[{"annotations":[{"type":"url_citation","start_index":0,"end_index":5,"url":"https://example.test/a","title":"A"},
            {"type":"file_citation","file_id":"file-1","filename":"b.txt","index":3},{"type":"new_kind","x":1}],"text":"Hello","type":"output_text"}]}
            """;
        string cited = Cited.ReplaceLineEndings("");
        await using FastClient client = isStreaming
            ? Streaming(Created, Delta("output_text", 0, "Hello"), Item("done", 0, cited), Completed())
            : Plain($$"""{"id":"resp_1","status":"completed","model":"m","output":[{{cited}}]}""");

        ChatResponse answer = isStreaming ? await client.FoldedAsync() : await client.AskAsync();

        List<AIAnnotation> annotations = [.. answer.Contents().OfType<TextContent>().SelectMany(text => text.Annotations ?? [])];
        annotations.Should().HaveCount(3);
        CitationAnnotation link = annotations[0].Should().BeOfType<CitationAnnotation>().Subject;
        link.Url.Should().Be(new Uri("https://example.test/a"));
        link.Title.Should().Be("A");
        link.AnnotatedRegions!.Single().Should().BeOfType<TextSpanAnnotatedRegion>().Which.EndIndex.Should().Be(5);
        annotations[1].Should().BeOfType<CitationAnnotation>().Which.Should().BeEquivalentTo(new { FileId = "file-1", Title = "b.txt" });
        annotations[2].RawRepresentation.Should().NotBeNull();
        answer.Text.Should().Be("Hello");
    }

    [Fact]
    public async Task A_generated_image_is_data_and_its_bytes_are_kept_once()
    {
        const string Image = """{"id":"ig_1","type":"image_generation_call","status":"completed","output_format":"webp","result":"AQID"}""";
        await using FastClient client = Streaming(
            Created, Item("added", 0, """{"id":"ig_1","type":"image_generation_call","result":null}"""),
            """{"type":"response.image_generation_call.partial_image","output_index":0,"partial_image_b64":"AQ=="}""", Item("done", 0, Image), Completed());

        DataContent image = (await client.FoldedAsync()).Contents().OfType<DataContent>().Single();

        image.MediaType.Should().Be("image/webp");
        image.Data.ToArray().Should().Equal(1, 2, 3);
        ((JsonElement)image.RawRepresentation!).TryGetProperty("result", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_request_for_approval_names_the_servers_tool()
    {
        await using FastClient client = Plain("""
            {"id":"resp_1","status":"completed","model":"m","output":[{"type":"mcp_approval_request","id":"mcpr_1","server_label":"zip","name":"shorten","arguments":"{\"url\":\"x\"}"}]}
            """);

        ToolApprovalRequestContent request = (await client.AskAsync()).Contents().OfType<ToolApprovalRequestContent>().Single();

        request.RequestId.Should().Be("mcpr_1");
        McpServerToolCallContent call = request.ToolCall.Should().BeOfType<McpServerToolCallContent>().Subject;
        call.Name.Should().Be("shorten");
        call.ServerName.Should().Be("zip");
        call.Arguments!["url"]!.ToString().Should().Be("x");
    }

    [Theory]
    [InlineData("\"store\":true", "resp_1")]
    [InlineData("\"store\":false", null)]
    [InlineData("\"other\":1", null)]
    [InlineData("\"store\":true,\"conversation\":{\"id\":\"conv_7\"}", "conv_7")]
    public async Task A_stored_answer_says_what_continues_it(string members, string? expected)
    {
        string created = Created.Replace("\"store\":true", members, StringComparison.Ordinal);
        await using FastClient streaming = Streaming(created, Delta("output_text", 0, "a"), """{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[]}}""");
        await using FastClient plain = Plain($$"""{"id":"resp_1","status":"completed","model":"m","output":[{{Message}}],{{members}}}""");

        List<ChatResponseUpdate> updates = await streaming.UpdatesAsync();

        updates.Should().OnlyContain(update => update.ConversationId == expected);
        updates.ToHarborResponse().ConversationId.Should().Be(expected);
        (await plain.AskAsync()).ConversationId.Should().Be(expected);
    }

    [Fact]
    public async Task Service_tier_and_log_probabilities_are_properties_of_the_response()
    {
        string message = Message.Replace("\"logprobs\":[]", "\"logprobs\":[{\"token\":\"Hello\",\"logprob\":-0.1}]", StringComparison.Ordinal);
        await using FastClient streaming = Streaming(Created, Delta("output_text", 0, "Hello"), Item("done", 0, message), Completed(rest: "\"status\":\"completed\",\"service_tier\":\"flex\""));
        await using FastClient plain = Plain($$"""{"id":"resp_1","status":"completed","model":"m","service_tier":"flex","output":[{{message}}]}""");

        foreach (ChatResponse answer in new[] { await streaming.FoldedAsync(), await plain.AskAsync() })
        {
            answer.AdditionalProperties!["service_tier"].Should().Be("flex");
            ((JsonElement)answer.AdditionalProperties["logprobs"]!).ShouldBeJson("""{"content":[{"token":"Hello","logprob":-0.1}]}""");
        }
    }

    [Theory]
    [InlineData("queued", "queued")]
    [InlineData("in_progress", "in_progress")]
    [InlineData("cancelled", "cancelled")]
    [InlineData("incomplete", "incomplete")]
    [InlineData("incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"x\":\"", "incomplete:content_filter")]
    public async Task The_status_is_the_finish_word(string status, string word)
    {
        await using FastClient client = Plain($$"""{"id":"resp_1","model":"m","output":[],"status":"{{status}}"}""");

        (await client.AskAsync()).GetHarborInfo().FinishReason.Should().Be(word);
    }

    [Fact]
    public async Task A_stream_that_is_incomplete_is_whole_and_says_why()
    {
        await using FastClient client = Streaming(
            Created, Delta("output_text", 0, "Hel"),
            """{"type":"response.incomplete","response":{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}""");

        (await client.FoldedAsync()).FinishReason.Should().Be(ChatFinishReason.Length);
    }
}
