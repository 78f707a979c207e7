using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// What only answers of the Responses API have, and the recordings whose expectation says something else than OpenAI's documentation.
internal static class ResponsesExpectations
{
    // Why an expectation is not the one that the recording's own is.
    private static readonly Dictionary<string, string> Contradictions = new()
    {
        ["openai-responses/vercel-openai-reasoning-encrypted-content-1-chunks-0"] =
            "The recording joins five responses in one file. response.completed ends a response, so only the first is read: its reasoning and its call.",
        ["openai-responses/prism-stream-unknown-error-responses-1-0"] =
            "The error event was edited by hand (unknown-error, Foobar) and response.failed repeats another one. An error is reported when it comes, once.",
    };

    public static JsonElement Corrected(RecordedExchange exchange)
    {
        var expected = exchange.ReadExpected()!.Value;
        if (Contradictions.TryGetValue(exchange.Name, out var reason)) TestReport.Add($"{exchange.Name}: other than expected. {reason}");
        var changes = exchange.Name switch
        {
            "openai-responses/vercel-openai-reasoning-encrypted-content-1-chunks-0" => """
                {
                  "text": "", "id": "resp_01830d662ab3856501693c321345c88190b0de00f3b9975691",
                  "tool_calls": [{"id":"call_AB6AaRZ1FYZB2RwS6A5vbdqn","name":"calculator","arguments":{"a":12,"b":7,"op":"add"}}],
                  "usage": {"input":134,"output":28,"cached_input":0,"cache_write":null,"reasoning":0,"total":162}
                }
                """,
            "openai-responses/prism-stream-unknown-error-responses-1-0" => """
                {"error": {"status":200,"type":null,"code":"unknown-error","message":"Foobar","retryable":true}}
                """,
            _ => null,
        };
        var isSealed = exchange.Protocol == "responses" && exchange.IsStreaming && expected.TryGetProperty("reasoning_signatures", out _);
        if (changes is null && !isSealed) return expected;
        var corrected = JsonNode.Parse(expected.GetRawText())!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes ?? "{}")!.AsObject()) corrected[name] = value?.DeepClone();
        if (isSealed) corrected["reasoning_signatures"] = SignaturesOfItems(exchange);
        return JsonSerializer.SerializeToElement(corrected);
    }

    public static void Assert(ChatResponse answer, JsonElement expected)
    {
        var contents = answer.Messages.SelectMany(message => message.Contents).ToList();
        if (expected.TryGetProperty("other_items", out var items) && IsResponse(answer))
        {
            contents.Select(KeptType).Where(type => type is not null and not "reasoning").Should().Equal(items.EnumerateArray().Select(item => item.GetString()));
        }

        if (expected.TryGetProperty("image_count", out var images) && IsResponse(answer)) contents.OfType<DataContent>().Should().HaveCount(images.GetInt32());
        if (!expected.TryGetProperty("reasoning_signatures", out var signatures) || !IsResponse(answer)) return;
        contents.OfType<TextReasoningContent>().Where(content => content.ProtectedData is not null)
            .Select(content => $"{content.ProtectedData!.Length} {Hash(content.ProtectedData)}")
            .Should().Equal(signatures.EnumerateArray().Select(signature => $"{signature.GetProperty("len").GetInt32()} {signature.GetProperty("sha256").GetString()}"));
    }

    // OpenAI encrypts reasoning anew each time it shows it. The expectation has what response.completed shows; a stream gives what output_item.done showed,
    // because that is when the next item may begin. Both can be sent back.
    private static JsonArray SignaturesOfItems(RecordedExchange exchange)
    {
        var done = Encoding.UTF8.GetString(exchange.Body.Span).Split('\n')
            .Where(line => line.StartsWith("data:", StringComparison.Ordinal) && line.Contains("response.output_item.done", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line["data:".Length..])!["item"]!)
            .Select(item => (string?)item["encrypted_content"])
            .OfType<string>();
        return [.. done.Select(content => new JsonObject { ["len"] = content.Length, ["sha256"] = Hash(content) })];
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsResponse(ChatResponse answer) => answer.ResponseId?.StartsWith("resp_", StringComparison.Ordinal) == true;

    private static string? KeptType(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("openai.item", out object? item) == true && item is JsonElement element ? element.GetProperty("type").GetString() : null;
}
