using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// The protocol of Zhipu's cloud as the emulator writes it.
public sealed class ZhipuWireTests
{
    private static readonly Uri Endpoint = new("https://api.example.test/api/paas/v4/");
    private static readonly Uri CodingEndpoint = new("https://api.example.test/api/coding/paas/v4/");

    [Fact]
    public async Task A_stream_repeats_the_role_and_ends_with_usage_that_nobody_asked_for()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer(["Hel", "lo"]).Reasoning("hm").Usage(100, 20, cachedTokens: 60, reasoningTokens: 5));

        string[] events = (await provider.AskAsync(Requests.Chat(endpoint: CodingEndpoint))).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        JsonElement[] chunks = [.. events.SkipLast(1).Select(text => JsonDocument.Parse(text["data: ".Length..]).RootElement)];

        events[^1].Should().Be("data: [DONE]");
        chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta").GetRawText()).Should().Equal(
            """{"role":"assistant","reasoning_content":"hm"}""",
            """{"role":"assistant","content":"Hel"}""",
            """{"role":"assistant","content":"lo"}""",
            """{"role":"assistant","content":""}""");
        chunks.SkipLast(1).Select(chunk => chunk.GetProperty("choices")[0].GetRawText()).Should().OnlyContain(choice => !choice.Contains("finish_reason"));
        chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("stop");
        chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().Should().Be(120);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(",\"tool_stream\":true", 3)]
    public async Task A_tool_call_is_whole_unless_pieces_are_asked_for(string more, int fragments)
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().ToolCall("call_a", "weather", "{\"city\":", "\"Oslo\"}"));

        string stream = await provider.AskAsync(Requests.Chat(more: more, endpoint: Endpoint));

        stream.Split("\"tool_calls\":[").Length.Should().Be(1 + fragments);
    }

    [Fact]
    public async Task A_whole_answer_carries_the_request_id_it_was_given()
    {
        var provider = new ProviderEmulator().ThenAnswer("Hello");

        JsonElement answer = JsonDocument.Parse(await provider.AskAsync(Requests.Chat(isStreaming: false, more: ",\"request_id\":\"mine-0001\"", endpoint: Endpoint))).RootElement;

        answer.GetProperty("request_id").GetString().Should().Be("mine-0001");
        answer.GetProperty("choices")[0].GetProperty("message").GetRawText().Should().Be("""{"role":"assistant","content":"Hello"}""");
        answer.TryGetProperty("object", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(429, null, "1302")]
    [InlineData(429, "1113", "1113")]
    [InlineData(503, null, "1305")]
    [InlineData(401, null, "1002")]
    public async Task An_error_has_a_code_that_is_text(int status, string? code, string expected)
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Error(status, code: code));

        using HttpResponseMessage response = await provider.SendAsync(Requests.Chat(endpoint: Endpoint));
        JsonElement body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        ((int)response.StatusCode).Should().Be(status);
        body.GetProperty("error").GetProperty("code").GetString().Should().Be(expected);
        response.Headers.GetValues("x-log-id").Should().ContainSingle().Which.Should().Be(body.GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task A_path_that_nobody_serves_is_not_found()
    {
        using HttpResponseMessage response = await new ProviderEmulator().SendAsync(Requests.Post("nothing", "{}", Endpoint));

        ((int)response.StatusCode).Should().Be(404);
    }
}
