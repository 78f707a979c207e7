using System.Globalization;
using System.Text;
using System.Text.Json;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Clients;

/// <summary>What is asked, as a caller of HarborClient writes it.</summary>
internal static class Requests
{
    private const int AgentMessages = 32;
    private const int AgentTools = 20;
    private const int AgentBytes = 100_000;
    private const int ToolBytes = 1_500;

    internal const int ImageBytes = 4 << 20;

    /// <summary>The agent's conversation and tools: a caller keeps both from turn to turn.</summary>
    private static readonly ChatMessage[] Conversation = [.. Enumerable.Range(0, AgentMessages).Select(Turn)];

    private static readonly AITool[] Tools = [.. Enumerable.Range(0, AgentTools).Select(Tool)];

    private static readonly byte[] Picture = RandomBytes(ImageBytes);

    internal static IEnumerable<ChatMessage> Question(int seed)
    {
        _ = seed;
        return [new ChatMessage(ChatRole.User, Words.Question)];
    }

    /// <summary>Another seed for every call of the process: an answer that was kept would measure nothing.</summary>
    internal static HarborChatOptions Options(int seed)
    {
        _ = seed;
        return new() { Temperature = 0, Seed = Next() };
    }

    internal static HarborChatOptions Options(PerformanceMode mode) => new() { Temperature = 0, Seed = Next(), Mode = mode };

    /// <summary>A number that no other call of this process has.</summary>
    internal static int Next() => Seeds.Next();

    internal static IEnumerable<ChatMessage> Agent(int seed)
    {
        _ = seed;
        return Conversation;
    }

    /// <summary>A content of its own for every call: it would keep the text that is made of its bytes.</summary>
    internal static IEnumerable<ChatMessage> Image(int seed)
    {
        _ = seed;
        return [new ChatMessage(ChatRole.User, [new TextContent("What is in this picture?"), new DataContent(Picture, "image/png")])];
    }

    internal static HarborChatOptions AgentOptions(int seed)
    {
        _ = seed;
        return new() { Temperature = 0, Seed = Next(), Tools = Tools };
    }

    /// <summary>The 600-byte question as it goes over the wire, prebuilt.</summary>
    internal static byte[] Body(Dialect dialect, bool isStream) => Encoding.UTF8.GetBytes(
        dialect.Path == "messages"
            ? $$"""{"model":"claude-haiku-4-5","max_tokens":1024,"messages":[{"role":"user","content":"{{Words.Question}}"}],"temperature":0,"stream":{{(isStream ? "true" : "false")}}}"""
            : $$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{Words.Question}}"}],"temperature":0,"seed":1,"stream":{{(isStream ? "true" : "false")}}}""");

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static ChatMessage Turn(int index)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"Turn {index}: \"{string.Concat(Enumerable.Repeat("the harbour is calm — 港は静か\n", 200))}")[..((AgentBytes - (AgentTools * ToolBytes)) / AgentMessages * 9 / 10)];
        return (index % 4) switch
        {
            1 => new ChatMessage(ChatRole.Assistant, [new TextContent(text[..400]), new FunctionCallContent($"call_{index}", "tool_3", new Dictionary<string, object?> { ["query"] = text[..200] })]),
            2 => new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"call_{index - 1}", text)]),
            3 => new ChatMessage(ChatRole.Assistant, text),
            _ => new ChatMessage(ChatRole.User, text),
        };
    }

    private static AIFunctionDeclaration Tool(int index)
    {
        string description = string.Concat(Enumerable.Repeat($"Field {index} of the tool. ", 8));
        string properties = string.Join(",", Enumerable.Range(0, 6).Select(i => $$"""
            "field_{{i}}":{"type":"string","description":"{{description}}"}
            """.Trim()));
        using JsonDocument schema = JsonDocument.Parse($$$"""{"type":"object","properties":{{{{properties}}}},"required":["field_0"]}""");
        return AIFunctionFactory.CreateDeclaration($"tool_{index}", description, schema.RootElement.Clone());
    }
}
