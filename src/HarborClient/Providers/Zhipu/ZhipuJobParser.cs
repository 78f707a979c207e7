using System.Text.Json;
using HarborClient.Pipeline;

namespace HarborClient.Providers.Zhipu;

/// <summary>Reads what is said of a job; of a finished chat also its answer, with the parser that reads chats.</summary>
internal sealed class ZhipuJobParser(Func<ReadOnlyMemory<byte>, HarborException> readError, AnswerParser? chat) : ServiceAnswerParser
{
    private protected override void Read(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("a JSON object was expected");
        string? word = root.TryGetProperty("task_status", out JsonElement status) ? ErrorFacts.TextOf(status) : null;
        bool hasError = root.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null;
        JobStatus standing = word switch
        {
            "SUCCESS" => JobStatus.Succeeded,
            "FAIL" => JobStatus.Failed,
            null when hasError => JobStatus.Failed,
            _ => JobStatus.Running,
        };
        if (standing == JobStatus.Succeeded && chat is not null) chat.ReadBody(body, batch);
        string? id = root.TryGetProperty("id", out JsonElement named) ? ErrorFacts.TextOf(named) : null;
        var answer = new JobAnswer(id, standing, word) { Error = hasError ? readError(body) : null, Videos = VideosOf(root) };
        batch.Add(new HarborUpdate(HarborUpdateKind.Payload, answer));
    }

    private static List<(string Video, string? Cover)> VideosOf(JsonElement root)
    {
        var videos = new List<(string, string?)>();
        if (!root.TryGetProperty("video_result", out JsonElement results) || results.ValueKind != JsonValueKind.Array) return videos;
        foreach (JsonElement result in results.EnumerateArray())
        {
            if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("url", out JsonElement url) || ErrorFacts.TextOf(url) is not { } video) continue;
            videos.Add((video, result.TryGetProperty("cover_image_url", out JsonElement cover) ? ErrorFacts.TextOf(cover) : null));
        }

        return videos;
    }
}
