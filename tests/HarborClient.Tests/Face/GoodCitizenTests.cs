using System.Text.Json;

namespace HarborClient.Tests.Face;

public sealed class OpenAIGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "openai";

    protected override string Model => "gpt-4o-mini";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddOpenAI(Emulated.Key, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => ChatCompletions.SystemTextOf(body);
}

public sealed class LocalGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "lab";

    protected override string Model => "qwen/qwen3-8b";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddLocal("lab", Emulated.LocalEndpoint, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => ChatCompletions.SystemTextOf(body);
}

public sealed class ClaudeGoodCitizenTests : ChatClientConformance
{
    protected override string ProviderName => "claude";

    protected override string TelemetryName => "anthropic";

    protected override string Model => "claude-haiku-4-5";

    protected override void Add(HarborBuilder builder, HttpMessageHandler handler) => builder.AddClaude(Emulated.Key, o => o.SendOnceThrough(handler));

    protected override string SystemTextOf(JsonElement body) => string.Join('\n', body.GetProperty("system").EnumerateArray().Select(block => block.GetProperty("text").GetString()));
}

internal static class ChatCompletions
{
    public static string SystemTextOf(JsonElement body) => string.Join(
        '\n',
        body.GetProperty("messages").EnumerateArray().Where(message => message.GetProperty("role").GetString() == "system").Select(message => message.GetProperty("content").GetString()));
}
