using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// What expected.json says of Claude's answers beyond those of others: blocks without a type in Microsoft.Extensions.AI, signatures, stop sequences, requests
// of server tools, the request id. And what the recording itself says: the answer goes back to Claude as the blocks that came.
internal static class ClaudeExpectations
{
    private static readonly HarborChatOptions Full = new() { Mode = PerformanceMode.Full };

    public static async Task AssertAsync(FastClient client, RecordedExchange exchange, JsonElement expected)
    {
        if (expected.GetProperty("kind").GetString() != "chat") return;
        Assert((await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse(), exchange, expected);
        Assert(await client.GetResponseAsync("hi"), exchange, expected);
        Assert(await client.GetResponseAsync("hi", Full), exchange, expected);
    }

    // The blocks that a recorded answer consists of, put together from its events without the library. Adjacent texts are one, as a caller's fold makes
    // them; blank texts and what says nothing are left out, because Claude refuses them or needs no such thing.
    public static JsonArray BlocksOf(RecordedExchange exchange)
    {
        var json = Encoding.UTF8.GetString(exchange.Body.Span);
        if (!exchange.IsStreaming) return Normal(JsonNode.Parse(json)!["content"]!.AsArray());
        List<JsonObject> blocks = [];
        Dictionary<int, StringBuilder> inputs = [];
        foreach (var line in json.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("data:", StringComparison.Ordinal)))
        {
            if (line["data:".Length..].Trim() is not { Length: > 0 } data || data[0] != '{') continue;
            var read = JsonNode.Parse(data)!.AsObject();
            if ((string?)read["type"] == "content_block_start") blocks.Add(read["content_block"]!.DeepClone().AsObject());
            if ((string?)read["type"] != "content_block_delta") continue;
            var index = (int)read["index"]!;
            foreach (var (name, value) in read["delta"]!.AsObject())
            {
                if (name == "partial_json") (inputs.TryGetValue(index, out var input) ? input : inputs[index] = new StringBuilder()).Append((string?)value);
                else if (name != "type") blocks[index][name] = (string?)blocks[index][name] + (string?)value;
            }
        }

        foreach (var (index, input) in inputs.Where(entry => entry.Value.Length > 0)) blocks[index]["input"] = ParsedOrEmpty(input.ToString());
        return Normal([.. blocks]);
    }

    public static JsonArray Normal(JsonArray blocks)
    {
        JsonArray normal = [];
        foreach (var block in blocks.Select(block => block!.DeepClone().AsObject()))
        {
            var type = (string?)block["type"];
            if (type == "text" && string.IsNullOrWhiteSpace((string?)block["text"])) continue;
            if (type is "text" or "tool_use") block.Remove("caller");
            if (block["citations"] is not JsonArray { Count: > 0 }) block.Remove("citations");
            if (type == "text" && normal.LastOrDefault() is JsonObject last && (string?)last["type"] == "text" && last["citations"] is null && block["citations"] is null)
                last["text"] = (string?)last["text"] + (string?)block["text"];
            else
                normal.Add(block);
        }

        return normal;
    }

    private static void Assert(ChatResponse answer, RecordedExchange exchange, JsonElement expected)
    {
        var contents = answer.Messages.SelectMany(message => message.Contents).ToList();
        contents.Select(OtherType).OfType<string>().Should().Equal(Strings(expected, "other_items"));
        contents.OfType<TextReasoningContent>().Where(content => OtherType(content) is null && content.ProtectedData is not null).Select(Signature)
            .Should().Equal(Items(expected, "reasoning_signatures").Select(item => $"{item.GetProperty("len").GetInt32()} {item.GetProperty("sha256").GetString()}"));
        if (expected.TryGetProperty("stop_sequence", out var stop)) answer.AdditionalProperties!["stop_sequence"].Should().Be(stop.GetString());
        if (expected.GetProperty("usage").TryGetProperty("server_tool_use", out var requests))
        {
            foreach (var count in requests.EnumerateObject()) answer.Usage!.AdditionalCounts![count.Name].Should().Be(count.Value.GetInt64());
        }

        if (exchange.Headers.GetValueOrDefault("request-id") is { } id) answer.GetHarborInfo().RequestId.Should().Be(id);
    }

    private static string? OtherType(AIContent content) => content switch
    {
        TextReasoningContent { AdditionalProperties: { } properties } when properties.ContainsKey("claude.redacted_thinking") => "redacted_thinking",
        { RawRepresentation: JsonElement block } when content.GetType() == typeof(AIContent) => block.GetProperty("type").GetString(),
        _ => null,
    };

    private static string Signature(TextReasoningContent content) =>
        string.Create(CultureInfo.InvariantCulture, $"{content.ProtectedData!.Length} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ProtectedData)))}");

    private static IEnumerable<string?> Strings(JsonElement parent, string name) => Items(parent, name).Select(item => item.GetString());

    private static JsonElement[] Items(JsonElement parent, string name) => parent.TryGetProperty(name, out var array) ? [.. array.EnumerateArray()] : [];

    private static JsonNode ParsedOrEmpty(string json)
    {
        try
        {
            return JsonNode.Parse(json)!;
        }
        catch (JsonException)
        {
            return new JsonObject();
        }
    }
}
