using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// The OpenAI protocol as the emulator writes it.
public sealed class OpenAIWireTests
{
    [Fact]
    public async Task A_stream_has_a_role_chunk_content_deltas_a_finish_chunk_and_the_done_marker()
    {
        var provider = new ProviderEmulator(new ManualTimeProvider()).ThenAnswer(["Hel", "lo"]);

        using var response = await provider.SendAsync(Requests.Chat());
        var events = await response.ReadsAsync();

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        events.Should().Equal(
            Chunk("""{"role":"assistant","content":"","refusal":null}"""),
            Chunk("""{"content":"Hel"}"""),
            Chunk("""{"content":"lo"}"""),
            Chunk("{}", "\"stop\""),
            "data: [DONE]\n\n");
    }

    [Fact]
    public async Task Usage_comes_in_a_chunk_of_its_own_and_only_if_asked_for()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer(["x"]).Usage(100, 20, cachedTokens: 60, reasoningTokens: 5), times: 2);

        var without = await provider.AskAsync(Requests.Chat());
        var with = Payloads(await provider.AskAsync(Requests.Chat(more: ",\"stream_options\":{\"include_usage\":true}")));

        without.Should().NotContain("usage");
        with[^1].GetProperty("choices").GetArrayLength().Should().Be(0);
        with[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(120);
        with[^1].GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().Should().Be(60);
        with[^1].GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32().Should().Be(5);
        with.SkipLast(1).Should().OnlyContain(chunk => chunk.GetProperty("usage").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task Tool_calls_stream_by_index_with_the_name_first_and_finish_as_tool_calls()
    {
        var reply = new EmulatedReply().ToolCall("call_a", "weather", "{\"city\":", "\"Oslo\"}").ToolCall("call_b", "time");
        var provider = new ProviderEmulator().ThenReply(reply);

        var chunks = Payloads(await provider.AskAsync(Requests.Chat()));
        var fragments = chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta")).Where(delta => delta.TryGetProperty("tool_calls", out _))
            .Select(delta => delta.GetProperty("tool_calls")[0].GetRawText());

        fragments.Should().Equal(
            """{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}""",
            """{"index":0,"function":{"arguments":"{\"city\":"}}""",
            """{"index":0,"function":{"arguments":"\"Oslo\"}"}}""",
            """{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":""}}""");
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
        chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("tool_calls");
    }

    [Theory]
    [InlineData("{\"city\":\"Oslo\"}")]
    [InlineData("get weather")]
    [InlineData("")]
    public void A_tool_call_whose_name_is_no_name_says_the_order_of_the_arguments(string name)
    {
        var swapped = () => new EmulatedReply().ToolCall("get_weather", name);

        swapped.Should().Throw<ArgumentException>().WithParameterName(nameof(name))
            .WithMessage($"'{name}' is no function name*ToolCall(id, name, argumentPieces)*");
    }

    [Fact]
    public void A_function_name_has_up_to_128_letters_digits_and_signs()
    {
        var longest = new string('a', 125) + "_-.";

        var fits = () => new EmulatedReply().ToolCall("call_1", longest);
        var isTooLong = () => new EmulatedReply().ToolCall("call_1", longest + "9");

        fits.Should().NotThrow();
        isTooLong.Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task A_plain_request_gets_one_completion_with_the_same_content()
    {
        var reply = EmulatedReply.Answer(["Hel", "lo"]).Reasoning("think", "ing").ToolCall("call_a", "f", "{", "}").FinishReason("length");
        var provider = new ProviderEmulator().ThenReply(reply);

        var answer = Parse(await provider.AskAsync(Requests.Chat(isStreaming: false)));

        var choice = answer.GetProperty("choices")[0];
        answer.GetProperty("object").GetString().Should().Be("chat.completion");
        answer.GetProperty("model").GetString().Should().Be("gpt-5-mini");
        choice.GetProperty("message").GetProperty("content").GetString().Should().Be("Hello");
        choice.GetProperty("message").GetProperty("reasoning_content").GetString().Should().Be("thinking");
        choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().Should().Be("{}");
        choice.GetProperty("finish_reason").GetString().Should().Be("length");
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().BePositive();
    }

    [Fact]
    public async Task A_refusal_takes_the_place_of_the_text()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().Refusal("I ", "cannot."), times: 2);

        var stream = Payloads(await provider.AskAsync(Requests.Chat()));
        var whole = Parse(await provider.AskAsync(Requests.Chat(isStreaming: false))).GetProperty("choices")[0].GetProperty("message");

        stream[1].GetProperty("choices")[0].GetProperty("delta").GetRawText().Should().Be("""{"refusal":"I "}""");
        whole.GetProperty("refusal").GetString().Should().Be("I cannot.");
        whole.GetProperty("content").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task Model_status_and_missing_usage_can_be_set()
    {
        var provider = new ProviderEmulator().ThenAnswer("x", reply => reply.Model("gpt-5-mini-2025-08-07").Status(201).WithoutUsage());

        using var response = await provider.SendAsync(Requests.Chat(isStreaming: false));
        var answer = Parse(await response.Content.ReadAsStringAsync());

        response.StatusCode.Should().Be(HttpStatusCode.Created);
        answer.GetProperty("model").GetString().Should().Be("gpt-5-mini-2025-08-07");
        answer.TryGetProperty("usage", out _).Should().BeFalse();
    }

    [Fact]
    public async Task The_default_answer_repeats_the_last_user_message_word_by_word()
    {
        var provider = new ProviderEmulator();

        var chunks = Payloads(await provider.AskAsync(Requests.Chat(question: "tell me more")));

        var deltas = chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta"));
        var pieces = deltas.Where(delta => delta.TryGetProperty("content", out _)).Select(delta => delta.GetProperty("content").GetString());
        pieces.Should().Equal("", "You", " said:", " tell", " me", " more");
    }

    [Fact]
    public async Task Obfuscation_pads_the_chunks_the_same_each_time_unless_the_request_asks_it_not_to()
    {
        var reply = EmulatedReply.Answer(["a", "b", "c"]).Obfuscation(seed: 7);
        var first = new ProviderEmulator(new ManualTimeProvider()).ThenReply(reply, times: 2);
        var second = new ProviderEmulator(new ManualTimeProvider()).ThenReply(reply);

        var padded = await first.AskAsync(Requests.Chat());
        var again = await second.AskAsync(Requests.Chat());
        var plain = await first.AskAsync(Requests.Chat(more: ",\"stream_options\":{\"include_obfuscation\":false}"));

        Payloads(padded).Should().OnlyContain(chunk => chunk.GetProperty("obfuscation").GetString()!.Length <= 33);
        again.Should().Be(padded);
        plain.Should().NotContain("obfuscation");
    }

    [Fact]
    public async Task An_error_has_the_providers_shape_and_headers()
    {
        var provider = new ProviderEmulator().Then(429, retryAfterSeconds: 1.5, headers: new Dictionary<string, string> { ["x-should-retry"] = "true" });

        using var response = await provider.SendAsync(Requests.Chat());
        var error = Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");

        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        response.Headers.GetValues("retry-after").Should().Equal("2");
        response.Headers.GetValues("retry-after-ms").Should().Equal("1500");
        response.Headers.GetValues("x-should-retry").Should().Equal("true");
        response.Headers.GetValues("x-request-id").Should().Equal("req_emulated_1");
        error.GetProperty("code").GetString().Should().Be("rate_limit_exceeded");
        error.GetProperty("param").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_error_can_name_its_own_code_or_bring_its_own_body()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Error(429, code: "insufficient_quota")).Then(400, body: """{"detail":"no"}""");

        var quota = Parse(await provider.AskAsync(Requests.Chat())).GetProperty("error");
        var own = await provider.AskAsync(Requests.Chat());

        quota.GetProperty("type").GetString().Should().Be("insufficient_quota");
        quota.GetProperty("code").GetString().Should().Be("insufficient_quota");
        own.Should().Be("""{"detail":"no"}""");
    }

    [Fact]
    public async Task An_unknown_path_is_a_404_in_the_same_shape()
    {
        var provider = new ProviderEmulator();

        using var response = await provider.SendAsync(Requests.Post("nowhere", "{}"));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("message").GetString().Should().Be("Invalid URL (POST /v1/nowhere)");
    }

    [Fact]
    public async Task Embeddings_are_the_same_for_the_same_input_in_numbers_and_in_base64()
    {
        var provider = new ProviderEmulator();

        var numbers = Parse(await provider.AskAsync(Requests.Post("embeddings", """{"model":"e","input":["one","two"],"dimensions":5}""")));
        var base64 = Parse(await provider.AskAsync(Requests.Post("embeddings", """{"model":"e","input":"two","dimensions":5,"encoding_format":"base64"}""")));

        var two = numbers.GetProperty("data")[1].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        var packed = base64.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Enumerable.Range(0, 5).Select(i => BinaryPrimitives.ReadSingleLittleEndian(packed.AsSpan(i * 4))).Should().Equal(two);
        two.Sum(value => value * value).Should().BeApproximately(1, 1e-5f);
        numbers.GetProperty("data")[0].GetProperty("embedding")[0].GetSingle().Should().NotBe(two[0]);
        numbers.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Embeddings_have_the_set_dimension_where_the_request_names_none()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().EmbeddingDimensions(3));

        var answer = Parse(await provider.AskAsync(Requests.Post("embeddings", """{"model":"e","input":[1,2,3]}""")));

        answer.GetProperty("data").GetArrayLength().Should().Be(1);
        answer.GetProperty("data")[0].GetProperty("embedding").GetArrayLength().Should().Be(3);
    }

    [Fact]
    public async Task The_model_list_names_what_is_served_and_uses_up_no_step()
    {
        var provider = new ProviderEmulator().ServeModels("a", "b").ThenAnswer("scripted");

        var list = Parse(await provider.AskAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Requests.InMemory, "models"))));

        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Should().Equal("a", "b");
        provider.RemainingSteps.Should().Be(1);
    }

    private static string Chunk(string delta, string finishReason = "null")
    {
        const string Head = """{"id":"chatcmpl-emulated-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5-mini",""";
        const string More = """ "service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta": """;
        return $"data: {Head}{More.Trim()}{delta},\"logprobs\":null,\"finish_reason\":{finishReason}}}]}}\n\n";
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static List<JsonElement> Payloads(string stream)
    {
        var events = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return [.. events.Where(line => line != "data: [DONE]").Select(line => Parse(line["data: ".Length..]))];
    }
}
