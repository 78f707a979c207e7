using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// Answers of Gemini, each in the fewest bytes that show what is meant.
public sealed class GeminiAnswerTests
{
    private const string Error = """{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}""";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public async Task A_blocked_prompt_is_an_empty_answer_that_says_why()
    {
        const string Body = """{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-2.5-flash"}""";
        await using FastClient plain = GeminiClients.Answering(Body);
        await using FastClient streamed = GeminiClients.Streaming(Body);

        foreach (ChatResponse answer in new[] { await plain.AskAsync(), await streamed.FoldedAsync() })
        {
            answer.Text.Should().BeEmpty();
            answer.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
            answer.GetHarborInfo().FinishReason.Should().Be("PROHIBITED_CONTENT");
            answer.Usage!.InputTokenCount.Should().Be(9);
        }
    }

    [Fact]
    public async Task What_safety_stopped_keeps_its_text_and_the_hosts_words()
    {
        await using FastClient client = GeminiClients.Answering("""{"candidates":[{"content":{"parts":[{"text":"Well"}]},"finishReason":"SAFETY","finishMessage":"It was unsafe."}]}""");

        ChatResponse answer = await client.AskAsync();

        answer.Text.Should().Be("Well");
        answer.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        answer.Contents().OfType<ErrorContent>().Single().Message.Should().Be("It was unsafe.");
    }

    [Fact]
    public async Task A_malformed_call_shows_what_was_wrong_with_it()
    {
        await using FastClient client = GeminiClients.Answering("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: sum(","index":0}]}""");

        ChatResponse answer = await client.AskAsync();

        answer.FinishReason.Should().Be(new ChatFinishReason("MALFORMED_FUNCTION_CALL"));
        ErrorContent error = answer.Contents().OfType<ErrorContent>().Single();
        error.Message.Should().Contain("sum(");
        error.ErrorCode.Should().Be("MALFORMED_FUNCTION_CALL");
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("")]
    public async Task A_bare_error_in_mid_stream_is_an_interruption_with_the_text_so_far(string ending)
    {
        string pretty = System.Text.Json.Nodes.JsonNode.Parse(Error)!.ToJsonString(Indented);
        await using FastClient client = GeminiClients.Answering(GeminiClients.Event(GeminiClients.Parts("""{"text":"so far"}""")) + pretty + ending, "text/event-stream");

        StreamInterruptedException error = await InterruptionAsync(client);

        error.Partial.Text.Should().Be("so far");
        error.ProviderCode.Should().Be("UNAVAILABLE");
        error.IsTransient.Should().BeTrue();
        ((HarborException)error.InnerException!).Kind.Should().Be(ErrorKind.Overloaded);
    }

    [Fact]
    public async Task An_error_as_an_event_is_one_too()
    {
        await using FastClient client = GeminiClients.Streaming(GeminiClients.Parts("""{"text":"so far"}""", null), Error);

        StreamInterruptedException error = await InterruptionAsync(client);

        error.Partial.Text.Should().Be("so far");
        error.ProviderCode.Should().Be("UNAVAILABLE");
    }

    [Fact]
    public async Task A_bare_error_that_is_cut_is_an_interruption_too()
    {
        await using FastClient client = GeminiClients.Answering(GeminiClients.Event(GeminiClients.Parts("""{"text":"so far"}""", null)) + "{\n  \"error\": {\n    \"code\": 4", "text/event-stream");

        (await InterruptionAsync(client)).Partial.Text.Should().Be("so far");
    }

    [Fact]
    public async Task A_stream_without_a_finish_reason_is_never_a_success()
    {
        await using FastClient client = GeminiClients.Streaming(GeminiClients.Parts("""{"text":"so far"}""", null));

        StreamInterruptedException error = await InterruptionAsync(client);

        error.Partial.Text.Should().Be("so far");
        error.Kind.Should().Be(ErrorKind.Interrupted);
    }

    [Fact]
    public async Task A_stream_as_one_list_is_read_like_its_events()
    {
        string list = $"[{GeminiClients.Parts("""{"text":"one "}""", null)}\n,\r\n{GeminiClients.Parts("""{"text":"two"}""")}\n]";
        await using FastClient client = GeminiClients.Answering(list);

        (await client.FoldedAsync()).Text.Should().Be("one two");
        (await client.AskAsync()).Text.Should().Be("one two");
    }

    [Theory]
    [InlineData("]")]
    [InlineData("")]
    [InlineData(",{\"candidates\":[{\"cont")]
    public async Task A_list_without_its_end_is_an_interruption(string ending)
    {
        await using FastClient client = GeminiClients.Answering("[" + GeminiClients.Parts("""{"text":"one "}""", null) + ending);

        Func<Task> call = () => client.UpdatesAsync();

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Interrupted);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_error_at_the_end_of_a_list_is_that_error()
    {
        await using FastClient client = GeminiClients.Answering($"[{GeminiClients.Parts("""{"text":"one "}""")},{Error}]");

        Func<Task> call = () => client.UpdatesAsync();

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.ProviderCode.Should().Be("UNAVAILABLE");
        error.Message.Should().Contain("The model is overloaded.");
    }

    [Fact]
    public async Task The_emulators_list_is_a_stream_too()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two three").Reasoning("hm").ToolCall("c1", "sum", "{}"));
        using var http = new HttpClient(provider.CreateHandler());
        using HttpResponseMessage response = await http.PostAsync(new Uri("https://x.test/v1beta/models/m:streamGenerateContent"), new StringContent("{}"));
        await using FastClient client = GeminiClients.Answering(await response.Content.ReadAsStringAsync());

        ChatResponse answer = await client.FoldedAsync();

        answer.Text.Should().Be("one two three");
        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task What_is_unknown_is_skipped_or_carried()
    {
        await using FastClient client = GeminiClients.Answering(
            """{"new":[{}],"candidates":[{"new":{"a":[1]},"content":{"role":"model","new":1,"parts":[7,{},{"text":null},{"newPart":{"a":1}},{"text":"x","newFlag":true},{"text":"!"}]},"finishReason":"SOME_NEW_REASON"},{"index":1,"content":{"parts":[{"text":"other"}]}},null]}""");

        ChatResponse answer = await client.AskAsync();

        answer.Text.Should().Be("x!");
        answer.FinishReason.Should().Be(new ChatFinishReason("SOME_NEW_REASON"));
        AIContent carried = answer.Contents().Single(content => content.GetType() == typeof(AIContent));
        ((JsonElement)carried.RawRepresentation!).GetRawText().Should().Be("""{"newPart":{"a":1}}""");
    }

    [Fact]
    public async Task Of_several_candidates_the_first_counts_wherever_it_stands()
    {
        await using FastClient client = GeminiClients.Streaming(
            """{"candidates":[{"content":{"parts":[{"text":"B1"}]},"index":1},{"content":{"parts":[{"text":"A1"}]},"index":0}]}""",
            """{"candidates":[{"content":{"parts":[{"text":"B2"}]},"finishReason":"MAX_TOKENS","index":1}]}""",
            """{"candidates":[{"content":{"parts":[{"text":"A2"}]},"finishReason":"STOP","index":0}]}""");

        ChatResponse answer = await client.FoldedAsync();

        answer.Text.Should().Be("A1A2");
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Parallel_calls_keep_their_places_and_get_ids_where_they_have_none()
    {
        await using FastClient client = GeminiClients.Streaming(
            GeminiClients.Parts("""{"text":"First "},{"functionCall":{"name":"sum","args":{"a":1}}},{"functionCall":{"name":"sum","args":null}}""", null),
            GeminiClients.Parts("""{"text":"then "},{"functionCall":{"id":"c3","name":"now"}}"""));

        List<AIContent> contents = (await client.FoldedAsync()).Contents();

        contents.Select(content => content.GetType().Name).Should().Equal("TextContent", "FunctionCallContent", "FunctionCallContent", "TextContent", "FunctionCallContent");
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        calls.Select(call => call.CallId).Should().OnlyHaveUniqueItems().And.Contain("c3");
        calls[0].Arguments!["a"]!.ToString().Should().Be("1");
        calls[1].Arguments.Should().BeEmpty();
    }

    [Fact]
    public async Task Arguments_in_pieces_are_put_together()
    {
        await using FastClient client = GeminiClients.Streaming(
            GeminiClients.Parts("""{"functionCall":{"name":"book","willContinue":true},"thoughtSignature":"s"}""", null),
            GeminiClients.Parts("""{"functionCall":{"partialArgs":[{"jsonPath":"$.city.name","stringValue":"New ","willContinue":true}],"willContinue":true}}""", null),
            GeminiClients.Parts("""{"functionCall":{"partialArgs":[{"jsonPath":"$.city.name","stringValue":"Delhi"},{"jsonPath":"$.days[0]","numberValue":1.5},{"jsonPath":"$.days[9]","numberValue":2}],"willContinue":true}}""", null),
            GeminiClients.Parts("""{"functionCall":{"partialArgs":[{"jsonPath":"$.fast","boolValue":true},{"jsonPath":"$['note']","nullValue":"NULL_VALUE"}],"willContinue":true}}""", null),
            GeminiClients.Parts("""{"functionCall":{}},{"functionCall":{"name":"now","args":{}}}"""));

        FunctionCallContent[] calls = [.. (await client.FoldedAsync()).Contents().OfType<FunctionCallContent>()];

        calls.Select(call => call.Name).Should().Equal("book", "now");
        JsonSerializer.SerializeToElement(calls[0].Arguments).ShouldBeJson("""{"city":{"name":"New Delhi"},"days":[1.5,2],"fast":true,"note":null}""");
    }

    [Fact]
    public async Task Counts_that_a_later_chunk_leaves_out_keep_their_value()
    {
        await using FastClient client = GeminiClients.Streaming(
            """{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":46,"candidatesTokenCount":51,"thoughtsTokenCount":101,"totalTokenCount":198}}""",
            """{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":46,"toolUsePromptTokenCount":4,"cachedContentTokenCount":40,"totalTokenCount":202}}""");

        UsageDetails usage = (await client.FoldedAsync()).Usage!;

        usage.InputTokenCount.Should().Be(50);
        usage.CachedInputTokenCount.Should().Be(40);
        usage.OutputTokenCount.Should().Be(152);
        usage.ReasoningTokenCount.Should().Be(101);
        usage.TotalTokenCount.Should().Be(202);
    }

    [Fact]
    public async Task Images_and_data_that_is_none_are_shown()
    {
        await using FastClient client = GeminiClients.Answering(GeminiClients.Parts("""{"inlineData":{"mimeType":"image/png","data":"-_8="}},{"inlineData":{"mimeType":"?","data":"AQID"}},{"inlineData":{"data":"%%%"}},{"thought":true,"inlineData":{"mimeType":"image/png","data":"AQID"}}"""));

        List<AIContent> contents = (await client.AskAsync()).Contents();

        contents.OfType<DataContent>().Select(data => $"{data.MediaType} {Convert.ToHexString(data.Data.Span)}").Should().Equal("image/png FBFF", "application/octet-stream 010203");
        contents.Where(content => content.GetType() == typeof(AIContent)).Should().HaveCount(2, "what is no base64, and a draft, are carried as they are");
    }

    [Fact]
    public async Task Grounding_becomes_citations_and_the_search_is_shown()
    {
        await using FastClient client = GeminiClients.Answering(
            """{"candidates":[{"content":{"parts":[{"text":"Rain in Oslo."}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["oslo"],"groundingChunks":[{"web":{"uri":"https://w.test/a","title":"w.test"}}],"groundingSupports":[{"segment":{"endIndex":4,"text":"Rain"},"groundingChunkIndices":[0,7]}]}}]}""");

        ChatResponse answer = await client.AskAsync();

        CitationAnnotation citation = answer.Contents().OfType<TextContent>().Single().Annotations!.OfType<CitationAnnotation>().Single();
        citation.Should().BeEquivalentTo(new { Url = new Uri("https://w.test/a"), Title = "w.test", Snippet = "Rain" });
        citation.AnnotatedRegions.Should().ContainSingle().Which.Should().BeEquivalentTo(new { StartIndex = 0, EndIndex = 4 });
        answer.Contents().OfType<WebSearchToolCallContent>().Single().Queries.Should().Equal("oslo");
        ((JsonElement)answer.Contents().OfType<WebSearchToolResultContent>().Single().RawRepresentation!).TryGetProperty("groundingSupports", out _).Should().BeTrue();
        (await GeminiClients.SentBackAsync(answer.Messages))[1]!["parts"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task Blocks_of_another_provider_are_not_sent()
    {
        var foreign = new AIContent { RawRepresentation = GeminiClients.Json("""{"type":"server_tool_use","id":"x"}""") };

        System.Text.Json.Nodes.JsonNode contents = await GeminiClients.SentBackAsync([new ChatMessage(ChatRole.Assistant, [foreign, new TextContent("a")])]);

        contents[1]!["parts"]!.ToJsonString().Should().Be("""[{"text":"a"}]""");
    }

    [Fact]
    public async Task An_object_without_a_candidate_is_no_answer()
    {
        await using FastClient client = GeminiClients.Answering("""{"usageMetadata":{"promptTokenCount":1},"modelVersion":"m"}""");

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.IsTransient.Should().BeTrue();
        error.Message.Should().Contain("no candidate");
    }

    [Fact]
    public async Task A_host_that_makes_no_end_of_calls_is_stopped()
    {
        string calls = string.Join(',', Enumerable.Repeat("""{"functionCall":{"name":"f"}}""", 300));
        string parts = string.Join(',', Enumerable.Repeat("""{"x":1}""", 1_100));
        await using FastClient first = GeminiClients.Answering(GeminiClients.Parts(calls));
        await using FastClient second = GeminiClients.Answering(GeminiClients.Parts(parts));

        (await first.FailureAsync()).Message.Should().Contain("more than 256 tool calls");
        (await second.FailureAsync()).Message.Should().Contain("more than 1,000 parts");
        first.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<StreamInterruptedException> InterruptionAsync(FastClient client)
    {
        Func<Task> call = () => client.UpdatesAsync();
        StreamInterruptedException error = (await call.Should().ThrowAsync<StreamInterruptedException>()).Which;
        client.Outstanding().Should().Be(Outstanding.None);
        return error;
    }
}
