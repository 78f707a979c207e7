using System.Text.Json;

namespace HarborClient.Tests.Fixtures;

// The token counts of expected.json are "as reported" by each provider; here they are turned into the neutral ones: cached and written input, and
// what server tools put into the prompt, inside the input; reasoning inside the output.
internal static class ExpectedUsage
{
    public static void Assert(UsageDetails? usage, JsonElement expected)
    {
        if (!expected.TryGetProperty("usage", out var reported) || reported.ValueKind != JsonValueKind.Object)
        {
            usage.Should().BeNull("none was reported");
            return;
        }

        usage.Should().NotBeNull();
        var reasoning = Count(reported, "reasoning");
        var total = Count(reported, "total");
        usage!.InputTokenCount.Should().Be(Count(reported, "input_total") ?? (Count(reported, "input") + (Count(reported, "tool_use_prompt") ?? 0)));
        usage.OutputTokenCount.Should().Be(Count(reported, "output_total") ?? Output(reported, reasoning, total));
        usage.ReasoningTokenCount.Should().Be(reasoning);
        usage.CachedInputTokenCount.Should().Be(Count(reported, "cached_input"));
        if (total is not null) usage.TotalTokenCount.Should().Be(total);
        var written = usage.AdditionalCounts?.TryGetValue("CacheWriteInputTokenCount", out var count) == true ? count : (long?)null;
        written.Should().Be(Count(reported, "cache_write"));
    }

    public static void AssertEmbedding(UsageDetails? usage, JsonElement expected)
    {
        if (!expected.TryGetProperty("usage", out var reported) || reported.ValueKind != JsonValueKind.Object) return;
        usage?.InputTokenCount.Should().Be(Count(reported, "input"));
        usage?.TotalTokenCount.Should().Be(Count(reported, "total"));
    }

    // A host that reports reasoning beside the output shows it in its total.
    private static long? Output(JsonElement reported, long? reasoning, long? total)
    {
        var (input, output) = (Count(reported, "input"), Count(reported, "output"));
        return reasoning > 0 && output is not null && (reasoning > output || total == input + output + reasoning) ? output + reasoning : output;
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
