using System.Text;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>Reads the answer of a described service: what its pointers find.</summary>
internal sealed class LocalAnswerParser(LocalService service, Call attempt) : ServiceAnswerParser
{
    private protected override void Read(ReadOnlyMemory<byte> body, UpdateBatch batch)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        bool isJob = attempt.Operation == CallOperation.Job;
        string? error = ErrorIn(root);
        if (error is not null && !isJob)
            throw Reported(error);
        switch (attempt.Operation)
        {
            case CallOperation.Invoke:
                batch.Add(new HarborUpdate(HarborUpdateKind.Payload, value: body.ToArray()));
                break;
            case CallOperation.Image:
                batch.Add(new HarborUpdate(HarborUpdateKind.Payload, Images(root) is { Count: > 0 } images ? images : throw Missing(service.Image!)));
                break;
            case CallOperation.Job:
                batch.Add(new HarborUpdate(HarborUpdateKind.Payload, JobIn(root, error)));
                break;
            default:
                ReadChat(root, batch);
                break;
        }
    }

    private void ReadChat(JsonElement root, UpdateBatch batch)
    {
        string? text = service.Text?.TextIn(root, "a text");
        List<AIContent> images = Images(root);
        if (text is null && images.Count == 0) throw Missing(service.Text ?? service.Image!);
        if (text is { Length: > 0 }) batch.Add(new HarborUpdate(HarborUpdateKind.Text, Encoding.UTF8.GetBytes(text)));
        foreach (AIContent image in images) batch.Add(new HarborUpdate(HarborUpdateKind.Content, image));
    }

    private JobAnswer JobIn(JsonElement root, string? error)
    {
        LocalJob job = service.Job!;
        string? word = job.Status.TextIn(root, "a state");
        JobStatus standing = job.StandingOf(word);

        // A service that only reports an error, and no state, has failed.
        if (error is not null && (word is null || standing == JobStatus.Succeeded)) standing = JobStatus.Failed;
        string? cover = job.Cover?.TextIn(root, "an address");
        return new JobAnswer(attempt.Request.Service!.JobId is null ? job.Id.TextIn(root, "an id") : null, standing, word)
        {
            Error = error is null ? null : Reported(error),
            Videos = standing == JobStatus.Succeeded ? [.. job.Video.TextsIn(root, "addresses").Select(video => (video, cover))] : [],
        };
    }

    private List<AIContent> Images(JsonElement root) =>
        service.Image is null ? [] : [.. service.Image.TextsIn(root, "images").Select(image => LinkedContent.ImageOf(image, attempt.Target!.Endpoint))];

    private string? ErrorIn(JsonElement root)
    {
        if (service.Error?.Find(root) is not { } place || place.ValueKind == JsonValueKind.False) return null;
        return ErrorFacts.TextOf(place) is { Length: > 0 } text ? text : null;
    }

    private HarborException Reported(string error) => new(ErrorKind.Provider, $"{attempt.Target!.Name} reported: {ErrorFactory.Quote(error)}");

    private static JsonException Missing(JsonPointer pointer) => new($"there is nothing at '{pointer}' (the setting says that the answer is there)");
}
