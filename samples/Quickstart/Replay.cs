using System.Globalization;
using System.Text.Json;
using HarborClient;
using HarborClient.Testing;

namespace Quickstart;

/// <summary>Plays recorded provider traffic to the client, and compares what it makes of it with what the recording's folder expects.</summary>
internal static class Replay
{
    /// <summary>Recorded folders by the provider that reads them.</summary>
    private static readonly Dictionary<string, string> Readers = new()
    {
        ["openai-chat"] = "openai", ["openai-embeddings"] = "openai", ["openai-responses"] = "openai", ["compat"] = "local", ["anthropic"] = "claude", ["gemini"] = "gemini", ["zhipu"] = "zhipu",
    };

    internal static async Task<int> RunAsync(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"There is no folder {folder}.");
            return 1;
        }

        int asExpected = 0, different = 0, skipped = 0;
        foreach (RecordedExchange recorded in RecordedExchange.LoadAll(folder))
        {
            if (!Readers.TryGetValue(recorded.Provider, out string? provider))
            {
                skipped++;
                continue;
            }

            (string what, bool isAsExpected) = await PlayAsync(recorded, provider);
            Console.WriteLine($"{(isAsExpected ? "ok" : "DIFFERENT"),-9} {recorded.Name,-80} {what}");
            if (isAsExpected) asExpected++;
            else different++;
        }

        Console.WriteLine($"{asExpected} as expected, {different} different, {skipped} skipped (no provider reads their folder).");
        return different == 0 ? 0 : 1;
    }

    private static async Task<(string What, bool IsAsExpected)> PlayAsync(RecordedExchange recorded, string provider)
    {
        HttpMessageHandler handler = new ProviderEmulator().ThenReplay(recorded).CreateHandler();
        await using var harbor = FastClient.Create(h => h
            .AddOpenAI("not-a-real-key", o => o.UseHandler(handler))
            .AddClaude("not-a-real-key", o => o.UseHandler(handler))
            .AddGemini("not-a-real-key", o => o.UseHandler(handler))
            .AddZhipu("not-a-real-key", o => o.UseHandler(handler))
            .AddLocal("local", new Uri("http://localhost/v1/"), o => o.UseHandler(handler)));
        JsonElement? expected = recorded.ReadExpected();
        string kind = Text(expected, "kind") ?? "";
        try
        {
            return kind == "embeddings" || recorded.Protocol == "embeddings" ? await EmbedAsync(harbor, provider, expected) : await ChatAsync(harbor, provider, recorded, expected);
        }
        catch (StreamInterruptedException e) when (expected?.TryGetProperty("finish_reason", out JsonElement reason) == true && reason.ValueKind == JsonValueKind.Null)
        {
            // The recording itself stops in the middle: what had arrived must be there, and must not pass for an answer.
            return ($"{e.Kind} after {e.Partial.Text.Length} characters, as recorded", e.Partial.Text == (Text(expected, "text") ?? ""));
        }
        catch (HarborException e)
        {
            // An error inside a stream belongs to a chat case; what "malformed" becomes is free, as long as it ends.
            bool isExpected = kind is "error" or "malformed" || expected?.TryGetProperty("error", out _) == true;
            return ($"{e.Kind} {(int?)e.StatusCode}", isExpected);
        }
    }

    private static async Task<(string What, bool IsAsExpected)> ChatAsync(FastClient harbor, string provider, RecordedExchange recorded, JsonElement? expected)
    {
        var options = new HarborChatOptions { ModelId = $"{provider}/recorded", Mode = PerformanceMode.Fast, OpenAIApi = recorded.Protocol == "responses" ? OpenAIApi.Responses : null };
        ChatResponse answer;
        if (recorded.IsStreaming)
        {
            List<ChatResponseUpdate> updates = [];
            await foreach (ChatResponseUpdate update in harbor.GetStreamingResponseAsync("?", options)) updates.Add(update);
            answer = updates.ToHarborResponse();
        }
        else
        {
            answer = await harbor.GetResponseAsync("?", options);
        }

        int calls = answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Count();
        string what = string.Create(CultureInfo.InvariantCulture, $"{answer.Text.Length} characters, {calls} tool calls, {answer.Usage?.OutputTokenCount} tokens out, {answer.FinishReason}");
        return (what, Text(expected, "kind") == "malformed" || answer.Text == (Text(expected, "text") ?? ""));
    }

    private static async Task<(string What, bool IsAsExpected)> EmbedAsync(FastClient harbor, string provider, JsonElement? expected)
    {
        int count = expected?.TryGetProperty("count", out JsonElement known) == true ? known.GetInt32() : 1;
        GeneratedEmbeddings<Embedding<float>> vectors = await harbor.GenerateAsync(Enumerable.Repeat("?", count), new EmbeddingGenerationOptions { ModelId = $"{provider}/recorded" });
        int dimensions = vectors[0].Vector.Length;
        return ($"{vectors.Count} vectors of {dimensions}", expected?.GetProperty("dimensions").GetInt32() == dimensions);
    }

    private static string? Text(JsonElement? from, string member) =>
        from?.TryGetProperty(member, out JsonElement value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
