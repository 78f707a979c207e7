using System.Globalization;
using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// Every recorded exchange comes out right through the public client, streamed and plain, whatever was recorded.
public sealed class RecordedTrafficTests(RecordedTrafficCount replayed) : IClassFixture<RecordedTrafficCount>
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Cases => [.. RecordedClients.Providers.SelectMany(RecordedTraffic.Of).Select(exchange => exchange.Name)];

    [RecordedTrafficFact]
    public void Every_provider_of_the_family_has_recorded_cases()
    {
        RecordedClients.Providers.Should().OnlyContain(provider => RecordedTraffic.Of(provider).Count > 0);
    }

    [RecordedTrafficTheory]
    [MemberData(nameof(Cases))]
    public async Task A_recorded_exchange_comes_out_as_expected(string name)
    {
        var exchange = RecordedTraffic.Load(name);
        var expected = ResponsesExpectations.Corrected(exchange);
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Replay(exchange));
        await using var client = RecordedClients.Of(exchange, provider, _time);

        switch (expected.GetProperty("kind").GetString())
        {
            case "chat" when expected.TryGetProperty("error", out _) || IsFragment(exchange, expected):
                AssertInterruption(await ErrorOf(() => client.GetStreamingResponseAsync("hi").ToListAsync()), expected);
                AssertInterruption(await ErrorOf(() => client.GetResponseAsync("hi")), expected);
                break;
            case "chat":
                AssertChat((await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse(), expected);
                AssertChat(await client.GetResponseAsync("hi"), expected);
                await using (var full = RecordedClients.Of(exchange, provider, _time))
                    AssertChat(await full.GetResponseAsync("hi", new HarborChatOptions { Mode = PerformanceMode.Full }), expected);
                break;
            case "embeddings":
                var inputs = Enumerable.Range(0, expected.GetProperty("count").GetInt32()).Select(i => $"input {i}");
                AssertEmbeddings(await client.GenerateAsync(inputs), expected);
                break;
            case "error" when RecordedClients.IsEmbedding(exchange):
                AssertError(await ErrorOf(() => client.GenerateAsync(["input"])), expected, exchange);
                break;
            case "error":
                AssertError(await ErrorOf(() => client.GetStreamingResponseAsync("hi").ToListAsync()), expected, exchange);
                AssertError(await ErrorOf(() => client.GetResponseAsync("hi")), expected, exchange);
                break;
            case var kind:
                Assert.Fail($"{name} expects the unknown kind {kind}.");
                break;
        }

        if (exchange.Provider == "anthropic") await ClaudeExpectations.AssertAsync(client, exchange, expected);
        client.Outstanding().Should().Be(Outstanding.None);
        replayed.Add(exchange.Provider);
    }

    private static bool IsFragment(RecordedExchange exchange, JsonElement expected) =>
        exchange.IsStreaming && Text(expected, "finish_reason") is null && exchange.Body.Span.IndexOf("data: [DONE]"u8) < 0 && exchange.Body.Span.IndexOf("message_stop"u8) < 0;

    private static void AssertChat(ChatResponse answer, JsonElement expected)
    {
        var contents = answer.Messages.SelectMany(message => message.Contents).ToList();
        answer.Text.Should().Be(Text(expected, "text") ?? "");
        string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text)).Should().Be(Text(expected, "reasoning_text") ?? "");
        if (Text(expected, "refusal") is { } refusal) contents.OfType<ErrorContent>().Should().ContainSingle().Which.Message.Should().Be(refusal);
        AssertToolCalls([.. contents.OfType<FunctionCallContent>()], expected.GetProperty("tool_calls"));
        answer.GetHarborInfo().FinishReason.Should().Be(Text(expected, "finish_reason"));
        if (Text(expected, "id") is { Length: > 0 } id) answer.ResponseId.Should().Be(id);
        if (Text(expected, "model") is { Length: > 0 } model) answer.ModelId.Should().Be(model);
        ExpectedUsage.Assert(answer.Usage, expected);
        ExpectedGemini.AssertChat(contents, answer.GetHarborInfo().FinishReason, expected);
        ResponsesExpectations.Assert(answer, expected);
    }

    // An error inside the stream, or neither finish reason nor end marker: never a success, but what had arrived is there.
    private static void AssertInterruption(HarborException error, JsonElement expected)
    {
        // Before the first piece it is the provider's error and nothing else.
        var partial = (error as StreamInterruptedException)?.Partial ?? new ChatResponse(new ChatMessage(ChatRole.Assistant, "")) { ResponseId = Text(expected, "id") };
        var contents = partial.Messages.SelectMany(message => message.Contents).ToList();
        partial.Text.Should().Be(Text(expected, "text") ?? "");
        string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text)).Should().Be(Text(expected, "reasoning_text") ?? "");
        AssertToolCalls([.. contents.OfType<FunctionCallContent>()], expected.GetProperty("tool_calls"));
        partial.ResponseId.Should().Be(Text(expected, "id"));
        if (!expected.TryGetProperty("error", out var reported)) return;
        error.IsTransient.Should().Be(reported.GetProperty("retryable").GetBoolean());
        error.ProviderCode.Should().Be(ExpectedGemini.CodeOf(reported) ?? Text(reported, "code"));
        error.Message.Should().Contain(Text(reported, "message"));
    }

    private static void AssertToolCalls(List<FunctionCallContent> calls, JsonElement expected)
    {
        calls.Should().HaveCount(expected.GetArrayLength());
        for (var i = 0; i < calls.Count; i++)
        {
            var call = expected[i];
            calls[i].Name.Should().Be(Text(call, "name") ?? "");
            if (Text(call, "id") is { Length: > 0 } id) calls[i].CallId.Should().Be(id);
            else calls[i].CallId.Should().NotBeNullOrEmpty("a call without an id gets one");
            if (call.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.Object)
            {
                calls[i].Exception.Should().BeNull();
                var read = JsonSerializer.SerializeToElement(calls[i].Arguments);
                JsonElement.DeepEquals(read, arguments).Should().BeTrue($"{read.GetRawText()} should be {arguments.GetRawText()}");
            }
            else
            {
                calls[i].Exception.Should().NotBeNull("its arguments are no JSON object");
                calls[i].RawRepresentation.Should().Be(Text(call, "arguments_raw"));
            }
        }
    }

    private static void AssertEmbeddings(GeneratedEmbeddings<Embedding<float>> embeddings, JsonElement expected)
    {
        embeddings.Should().HaveCount(expected.GetProperty("count").GetInt32());
        embeddings.Should().OnlyContain(embedding => embedding.Vector.Length == expected.GetProperty("dimensions").GetInt32());
        var heads = expected.GetProperty("vectors_head");
        for (var i = 0; i < heads.GetArrayLength(); i++)
        {
            for (var j = 0; j < heads[i].GetArrayLength(); j++) embeddings[i].Vector.Span[j].Should().BeApproximately(heads[i][j].GetSingle(), 1e-6f);
        }

        ExpectedUsage.AssertEmbedding(embeddings.Usage, expected);
        if (Text(expected, "model") is { } model) embeddings[0].ModelId.Should().Be(model);
    }

    private static void AssertError(HarborException error, JsonElement expected, RecordedExchange exchange)
    {
        var details = expected.GetProperty("error");
        var status = details.GetProperty("status").GetInt32();
        var code = Text(details, "code");
        error.IsTransient.Should().Be(details.GetProperty("retryable").GetBoolean());
        error.Kind.Should().BeOneOf(ExpectedGemini.KindsOf(details) ?? PlausibleKinds(status, code, Text(details, "message") ?? ""));
        if (status >= 400) ((int?)error.StatusCode).Should().Be(status);
        if ((ExpectedGemini.CodeOf(details) ?? code ?? Text(details, "type")) is { } word) error.ProviderCode.Should().Be(word);
        if (Text(details, "message") is { Length: > 0 and < 400 } message) error.Message.Should().Contain(message.ReplaceLineEndings(" "));
        if ((ExpectedGemini.RetryAfterOf(details) ?? RetryAfterOf(details)) is { } wait) error.RetryAfter.Should().Be(wait);
        if ((Text(details, "request_id") ?? exchange.Headers.GetValueOrDefault("x-request-id") ?? exchange.Headers.GetValueOrDefault("request-id")) is { } id) error.RequestId.Should().Be(id);
    }

    private static ErrorKind[] PlausibleKinds(int status, string? code, string message) => (status, code) switch
    {
        (_, "insufficient_quota" or "1113") => [ErrorKind.QuotaExhausted],
        (_, "model_not_found" or "previous_response_not_found") => [ErrorKind.NotFound],
        (_, "content_filter") => [ErrorKind.ContentFiltered],
        (_, "context_length_exceeded") => [ErrorKind.ContextTooLong],
        (400, _) when message.Contains("too long", StringComparison.Ordinal) => [ErrorKind.ContextTooLong, ErrorKind.InvalidRequest],
        (401 or 403, _) => [ErrorKind.Authentication],
        (404, _) => [ErrorKind.NotFound],
        (429, _) => [ErrorKind.RateLimited],
        (>= 400 and < 500, _) => [ErrorKind.InvalidRequest],
        (>= 500, _) => [ErrorKind.Provider, ErrorKind.Overloaded],
        _ => [ErrorKind.Provider, ErrorKind.Overloaded, ErrorKind.Interrupted],
    };

    // retry-after-ms outweighs retry-after.
    private static TimeSpan? RetryAfterOf(JsonElement error)
    {
        if (Text(error, "retry_after_ms") is { } milliseconds) return TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture));
        return double.TryParse(Text(error, "retry_after"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private static async Task<HarborException> ErrorOf(Func<Task> act) => (await act.Should().ThrowAsync<HarborException>()).Which;

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => value.GetString(), _ => value.GetRawText() }
        : null;
}
