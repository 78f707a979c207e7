using System.Text;
using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Audio tokens are for evaluation in the abstractions; they are kept all the same.

namespace HarborClient.Tests.Caching;

internal static class SampleAnswers
{
    // Everything that an answer can have.
    public static StoredAnswer Full() => new()
    {
        Provider = "claude",
        TargetModel = "claude-haiku-4-5",
        Model = "claude-haiku-4-5-20251001",
        CreatedAt = new DateTimeOffset(2026, 11, 30, 12, 34, 56, 789, TimeSpan.FromMinutes(330)),
        FinishReason = "tool_use",
        Usage = new UsageDetails
        {
            InputTokenCount = 1,
            OutputTokenCount = 200,
            TotalTokenCount = 30_000,
            CachedInputTokenCount = 0,
            ReasoningTokenCount = 5_000_000_000,
            InputAudioTokenCount = 6,
            InputTextTokenCount = 7,
            OutputAudioTokenCount = 8,
            OutputTextTokenCount = 9,
            AdditionalCounts = new() { ["cache_write"] = 128, ["negative"] = -3, ["least"] = long.MinValue, ["most"] = long.MaxValue },
        },
        Runs =
        [
            Run(HarborUpdateKind.Reasoning, "Let me think: 這是。", "c2lnbmF0dXJl"),
            Run(HarborUpdateKind.Reasoning, ""),
            Run(HarborUpdateKind.Text, "Grüße, 世界 👋\u0000", new[]
            {
                new StoredAnnotation("Title", "https://example.com/a?b=c", "file_1", "search", "snippet ü", [0, 5, 7, 300]),
                new StoredAnnotation(null, null, null, null, null, []),
                new StoredAnnotation("", "", "", "", "", [-1, int.MaxValue]),
            }),
            Run(HarborUpdateKind.Text, "plain"),
            Run(HarborUpdateKind.Text, "none of its own", Array.Empty<StoredAnnotation>()),
            Run(HarborUpdateKind.ToolCall, """{"city":"Köln"}""", new ToolCallHead("toolu_1", "weather")),
            Run(HarborUpdateKind.ToolCall, "", new ToolCallHead("", "")
            {
                Properties = new() { ["caller"] = JsonElement.Parse("""{"type":"direct", "n":[1,2.5,null]}"""), ["text"] = "ä", ["yes"] = true, ["no"] = false, ["nothing"] = null },
            }),
        ],
    };

    public static StoredAnswer Bare() => new() { Provider = "", TargetModel = "", Runs = [] };

    public static StoredAnswer Of(string text) => new() { Provider = "openai", TargetModel = "gpt-5-mini", FinishReason = "stop", Runs = [Run(HarborUpdateKind.Text, text)] };

    public static StoredRun Run(HarborUpdateKind kind, string text, object? value = null) => new(kind, Encoding.UTF8.GetBytes(text), value);
}
