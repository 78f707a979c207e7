using System.Net;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// Claude's protocol as the emulator writes it.
public sealed class ClaudeWireTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_stream_has_a_start_blocks_with_their_pieces_a_stop_reason_and_the_stop()
    {
        var reply = EmulatedReply.Answer(["Hel", "lo"]).Reasoning("hm").ToolCall("t1", "weather", "{\"city\":", "\"Oslo\"}").Usage(100, 20, cachedTokens: 60, reasoningTokens: 5);
        var provider = new ProviderEmulator(_time).ThenReply(reply);

        using var response = await provider.SendAsync(Ask());
        var events = await response.ReadsAsync();

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        response.Headers.GetValues("request-id").Should().Equal("req_emulated_1");
        events.Select(Type).Should().Equal(
            "message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "content_block_start", "content_block_delta", "content_block_delta",
            "content_block_stop", "ping", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop");
        events.Should().OnlyContain(text => text.StartsWith($"event: {Type(text)}\n", StringComparison.Ordinal) && text.EndsWith("}\n\n", StringComparison.Ordinal));
        ((string)Payload(events[3])["delta"]!["type"]!).Should().Be("signature_delta");
        Payload(events[10])["content_block"]!.ToJsonString().Should().Be("""{"type":"tool_use","id":"t1","name":"weather","input":{}}""");
        Payload(events[^2])["delta"]!.ToJsonString().Should().Be("""{"stop_reason":"tool_use","stop_sequence":null}""");
        Payload(events[^2])["usage"]!.ToJsonString().Should().Be("""{"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,"output_tokens":20,"output_tokens_details":{"thinking_tokens":5}}""");
    }

    [Fact]
    public async Task A_whole_message_has_the_same_in_blocks()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("Hello").ToolCall("t1", "weather", "{\"city\":", "\"Oslo\"}")).ThenReply(new EmulatedReply().Refusal("Not ", "this."));

        var answer = JsonNode.Parse(await provider.AskAsync(Ask(isStreaming: false)))!;
        var refusal = JsonNode.Parse(await provider.AskAsync(Ask(isStreaming: false)))!;

        answer["content"]!.ToJsonString().Should().Be("""[{"type":"text","text":"Hello"},{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Oslo"}}]""");
        (answer["type"]!.ToString(), answer["model"]!.ToString(), answer["stop_reason"]!.ToString()).Should().Be(("message", "claude-x", "tool_use"));
        refusal["stop_details"]!.ToJsonString().Should().Be("""{"type":"refusal","category":null,"explanation":"Not this."}""");
        refusal["stop_reason"]!.ToString().Should().Be("refusal");
    }

    [Fact]
    public async Task Without_a_script_it_says_the_question_again_and_counts_its_tokens()
    {
        var provider = new ProviderEmulator(_time);

        (await provider.AskAsync(Ask(isStreaming: false))).Should().Contain("You said: hi there");
        (await provider.AskAsync(Requests.Post("messages/count_tokens", """{"model":"m","messages":[{"role":"user","content":"12345678"}]}"""))).Should().Be("""{"input_tokens":3}""");
    }

    [Fact]
    public async Task Errors_and_limits_have_Anthropics_shape()
    {
        var provider = new ProviderEmulator(_time).LimitRequests(1).Then(529);

        using var overloaded = await provider.SendAsync(Ask());
        using var limited = await provider.SendAsync(Ask());

        ((int)overloaded.StatusCode).Should().Be(529);
        JsonNode.Parse(await overloaded.Content.ReadAsStringAsync())!.ToJsonString().Should().Be("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_emulated_1"}""");
        limited.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        (await limited.Content.ReadAsStringAsync()).Should().Contain("rate_limit_error");
        limited.Headers.GetValues("anthropic-ratelimit-requests-remaining").Should().Equal("0");
        limited.Headers.GetValues("anthropic-ratelimit-requests-reset").Should().Equal(_time.GetUtcNow().AddMinutes(1).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Faults_of_streams_hit_updates_and_the_end()
    {
        var provider = new ProviderEmulator(_time)
            .ThenAnswer("one two", reply => reply.CutAfterUpdates(1)).ThenAnswer("one two", reply => reply.WithoutTerminator()).ThenAnswer("one two", reply => reply.WithoutDone()).ThenAnswer("one two", reply => reply.MalformedEventAt(1));

        (await provider.AskAsync(Ask())).Should().Contain("one").And.NotContain(" two");
        (await provider.AskAsync(Ask())).Should().Contain(" two").And.NotContain("message_delta").And.NotContain("message_stop");
        (await provider.AskAsync(Ask())).Should().Contain("message_delta").And.NotContain("message_stop");
        (await provider.AskAsync(Ask())).Should().Contain("one").And.Contain("message_stop").And.NotContain("\" two\"");
    }

    private static HttpRequestMessage Ask(bool isStreaming = true) =>
        Requests.Post("messages", $$"""{"model":"claude-x","max_tokens":9,"stream":{{(isStreaming ? "true" : "false")}},"messages":[{"role":"user","content":[{"type":"text","text":"hi there"}]}]}""");

    private static string Type(string text) => (string)Payload(text)["type"]!;

    private static JsonNode Payload(string text) => JsonNode.Parse(text[(text.IndexOf("data: ", StringComparison.Ordinal) + 6)..])!;
}
