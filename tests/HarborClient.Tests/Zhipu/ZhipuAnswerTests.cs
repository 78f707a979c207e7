using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

// What only Zhipu's answers have.
public sealed class ZhipuAnswerTests
{
    private const string Source = """{"title":"Oslo","link":"https://example.test/oslo","media":"Example","content":"A city.","icon":"","refer":"ref_1","publish_date":"2026-01-01"}""";
    private const string Done = "data: [DONE]\n\n";

    public static TheoryData<string, string?> Finishes => new()
    {
        { "stop", "stop" }, { "length", "length" }, { "model_context_window_exceeded", "length" }, { "sensitive", "content_filter" }, { "tool_calls", "tool_calls" }, { "made_up", "made_up" },
    };

    [Theory]
    [MemberData(nameof(Finishes))]
    public async Task A_finish_reason_means(string word, string? meaning)
    {
        await using FastClient streamed = Client(Chunk("""{"content":"hm"}""", word) + Done);
        await using FastClient plain = Plain($$$"""{"choices":[{"index":0,"finish_reason":"{{{word}}}","message":{"content":"hm"}}]}""");

        foreach (ChatResponse answer in new[] { await streamed.AnswerOf(true), await plain.AnswerOf(false) })
        {
            answer.FinishReason!.Value.Value.Should().Be(meaning);
            answer.GetHarborInfo().FinishReason.Should().Be(word);
        }
    }

    [Fact]
    public async Task An_answer_that_broke_on_their_side_is_interrupted_with_the_text_and_the_usage_so_far()
    {
        await using FastClient client = Client(
            Chunk("""{"reasoning_content":"hm"}""") + Chunk("""{"content":"so "}""")
            + ZhipuClients.Event("""{"choices":[{"index":0,"finish_reason":"network_error","delta":{"content":"far"}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""") + Done);

        StreamInterruptedException error = (await client.FailureOf(isStreaming: true)).Should().BeOfType<StreamInterruptedException>().Subject;

        error.IsTransient.Should().BeTrue();
        error.ProviderCode.Should().Be("network_error");
        error.Partial.Text.Should().Be("so far");
        error.Partial.Usage!.TotalTokenCount.Should().Be(5);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_broke_before_it_was_shown_goes_to_the_next_target(bool isStreaming)
    {
        EmulatedReply broken = isStreaming
            ? EmulatedReply.Raw(Chunk("""{"content":""}""", "network_error") + Done, "text/event-stream")
            : EmulatedReply.Raw("""{"choices":[{"index":0,"finish_reason":"network_error","message":{"content":"so far"}}]}""", "application/json");
        var provider = new ProviderEmulator().ThenReply(broken).ThenAnswer("whole");
        await using FastClient client = ZhipuClients.Of(provider, more: h => h.MapModel("twice", "zhipu/glm-4.7", "zhipu/glm-4.6").UseDefaultModel("twice"));

        ChatResponse answer = await client.AnswerOf(isStreaming);

        answer.Text.Should().Be("whole");
        answer.GetHarborInfo().Attempts[0].Error.Should().Be(ErrorKind.Interrupted);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_of_the_web_search_are_citations_of_the_text_wherever_they_come(bool comeFirst)
    {
        string search = $$"""{"id":"1","model":"glm-4.7","choices":[],"web_search":[{{Source}},7,{"link":"no address","content":null}]}""";
        string text = Chunk("""{"content":"It is "}""") + Chunk("""{"content":"a city[ref_1]."}""", "stop");
        await using FastClient streamed = Client(comeFirst ? ZhipuClients.Event(search) + text + Done : text + ZhipuClients.Event(search) + Done);
        const string message = """{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"It is a city[ref_1]."}}""";
        await using FastClient plain = Plain(comeFirst ? $$"""{"web_search":[{{Source}},{}],"choices":[{{message}}]}""" : $$"""{"choices":[{{message}}],"web_search":[{{Source}},{}]}""");

        foreach (ChatResponse answer in new[] { await plain.AnswerOf(false), await streamed.AnswerOf(true) })
        {
            answer.Text.Should().Be("It is a city[ref_1].");
            CitationAnnotation[] citations = [.. answer.Messages.SelectMany(m => m.Contents).Where(c => c.Annotations is not null).SelectMany(c => c.Annotations!).OfType<CitationAnnotation>()];
            citations.Should().HaveCount(2);
            citations[0].Should().BeEquivalentTo(new { Title = "Oslo", Snippet = "A city.", Url = new Uri("https://example.test/oslo"), ToolName = "web_search" });
            ((JsonElement)citations[0].RawRepresentation!).GetProperty("refer").GetString().Should().Be("ref_1");
            citations[1].Url.Should().BeNull();
        }
    }

    [Fact]
    public async Task Results_without_end_are_bounded()
    {
        string many = string.Join(',', Enumerable.Repeat(Source, 150));
        string search = ZhipuClients.Event($$"""{"choices":[],"web_search":[{{many}}]}""");
        await using FastClient client = Client(search + search + search + Chunk("""{"content":"x"}""", "stop") + Done);

        ChatResponse answer = await client.AnswerOf(true);

        answer.Messages.SelectMany(m => m.Contents).Sum(c => c.Annotations?.Count ?? 0).Should().Be(200);
    }

    [Fact]
    public async Task Notes_of_the_content_filter_without_end_are_bounded()
    {
        string note = ZhipuClients.Event("""{"choices":[],"content_filter":[{"role":"user","level":3}]}""");
        await using FastClient client = Client(string.Concat(Enumerable.Repeat(note, 100)) + Chunk("""{"content":"x"}""", "stop") + Done);

        ChatResponse answer = await client.AnswerOf(true);

        answer.Text.Should().Be("x");
        answer.Messages.SelectMany(m => m.Contents).Count(content => content.RawRepresentation is JsonElement).Should().Be(16);
    }

    [Theory]
    [InlineData("content_filter")]
    [InlineData("contentFilter")]
    public async Task What_the_content_filter_says_is_carried(string member)
    {
        await using FastClient plain = Plain($$$"""{"choices":[{"index":0,"finish_reason":"sensitive","message":{"content":""}}],"{{{member}}}":[{"role":"assistant","level":1}]}""");

        ChatResponse answer = await plain.AnswerOf(false);

        answer.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        AIContent filter = answer.Messages.SelectMany(m => m.Contents).Single(content => content.RawRepresentation is JsonElement);
        ((JsonElement)filter.RawRepresentation!)[0].GetProperty("level").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task Whole_calls_in_one_chunk_whose_index_is_minus_one_are_calls_of_their_own()
    {
        await using FastClient client = Client(
            Chunk("""{"tool_calls":[{"id":"a","index":-1,"type":"function","function":{"name":"add","arguments":"{\"x\":1}"}}]}""")
            + Chunk("""{"tool_calls":[{"id":"b","index":-1,"type":"function","function":{"name":"add","arguments":"{\"x\":2}"}}]}""")
            + Chunk("""{"content":""}""", "tool_calls") + Chunk("""{"content":""}""", "tool_calls") + Done);

        ChatResponse answer = await client.AnswerOf(true);

        FunctionCallContent[] calls = [.. answer.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];
        calls.Select(call => $"{call.CallId} {call.Name} {call.Arguments!["x"]}").Should().Equal("a add 1", "b add 2");
    }

    [Theory]
    [InlineData(null, "req-body-1")]
    [InlineData("log-1", "log-1")]
    public async Task The_request_id_is_the_headers_or_else_the_bodys(string? header, string expected)
    {
        EmulatedReply reply = EmulatedReply.Raw("""{"request_id":"req-body-1","choices":[{"index":0,"finish_reason":"stop","message":{"content":"x"}}]}""", "application/json");
        if (header is not null) reply.Header("x-log-id", header);
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenReply(reply));

        ChatResponse answer = await client.AskAsync();

        answer.GetHarborInfo().Attempts[0].RequestId.Should().Be(expected);
    }

    [Fact]
    public async Task A_request_id_that_quotes_the_key_is_none()
    {
        await using FastClient client = Plain($$$"""{"request_id":"for {{{ZhipuClients.Key}}}","choices":[{"index":0,"finish_reason":"stop","message":{"content":"x"}}]}""");

        (await client.AskAsync()).GetHarborInfo().Attempts[0].RequestId.Should().BeNull();
    }

    [Fact]
    public async Task A_stream_without_the_end_marker_is_no_success()
    {
        await using FastClient client = Client(Chunk("""{"content":"all of it"}""", "stop"));

        (await client.FailureOf(true)).Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be("all of it");
    }

    [Theory]
    [InlineData("glm-4.6", null, 300)]
    [InlineData("glm-4.6", ReasoningEffort.None, 30)]
    [InlineData("glm-4-flash", null, 30)]
    [InlineData("glm-4-flash", ReasoningEffort.Low, 300)]
    public async Task A_model_that_thinks_has_five_minutes_for_its_first_update(string model, ReasoningEffort? effort, int seconds)
    {
        var time = new ManualTimeProvider();
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator(time).ThenReply(new EmulatedReply().NeverAnswer()), time);
        ReasoningOptions? reasoning = effort is { } asked ? new ReasoningOptions { Effort = asked } : null;

        Task<HarborException> failure = client.FailureOf(true, new ChatOptions { ModelId = "zhipu/" + model, Reasoning = reasoning });
        await time.TimerSet(TimeSpan.FromSeconds(seconds));
        time.Advance(TimeSpan.FromSeconds(seconds));

        (await failure.Guarded()).Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.FirstUpdate);
    }

    [Theory]
    [InlineData("glm-4.6")]
    [InlineData("codegeex-4")]
    public async Task A_bare_model_id_of_theirs_finds_them(string model)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider, more: h => h.AddOpenAI(new ProviderEmulator()));

        (await client.AskAsync(options: new ChatOptions { ModelId = model })).GetHarborInfo().Provider.Should().Be("zhipu");
    }

    private static FastClient Client(string stream) => ZhipuClients.Of(new ProviderEmulator().ThenRaw(stream, "text/event-stream"));

    private static FastClient Plain(string body) => ZhipuClients.Of(new ProviderEmulator().ThenRaw(body, "application/json"));

    private static string Chunk(string delta, string? finish = null) => ZhipuClients.Event(
        finish is null ? $$$"""{"id":"1","model":"glm-4.7","choices":[{"index":0,"delta":{{{delta}}}}]}""" : $$$"""{"id":"1","model":"glm-4.7","choices":[{"index":0,"finish_reason":"{{{finish}}}","delta":{{{delta}}}}]}""");
}
