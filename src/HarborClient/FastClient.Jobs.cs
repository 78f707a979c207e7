using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Providers;
using HarborClient.Services;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Long jobs: started, looked at until they are done, and fetched.</content>
public sealed partial class FastClient
{
    /// <summary>Makes a video: starts the job, waits for it and returns the links.</summary>
    /// <param name="model">The model as <c>zhipu/cogvideox-3</c>, a service of one's own (<see cref="ZhipuLocalServiceOptions.Job"/>), or an alias.</param>
    /// <param name="request">What it shows.</param>
    /// <param name="options">How the job is watched.</param>
    /// <param name="progress">Told of the job's id and of every look at it.</param>
    /// <param name="cancellationToken">Ends the waiting; the provider goes on.</param>
    /// <returns>The videos. Their links expire: fetch them at once (<see cref="VideoResult.DownloadAsync"/>).</returns>
    /// <exception cref="HarborJobException">The job failed or ran out of time; it carries the job's id.</exception>
    /// <exception cref="HarborException">The job could not be started.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public async Task<VideoResult> GenerateVideoAsync(
        string model, VideoRequest request, JobOptions? options = null, IProgress<JobProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        HarborJob<VideoResult> job = await StartVideoAsync(model, request, options, cancellationToken).ConfigureAwait(false);
        return await job.WaitAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a video and does not wait for it.</summary>
    /// <param name="model">The model as <c>zhipu/cogvideox-3</c>, a service of one's own, or an alias.</param>
    /// <param name="request">What it shows.</param>
    /// <param name="options">How the job is watched.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The job; <see cref="AttachVideo"/> finds it again by its model and id.</returns>
    /// <remarks>With an alias of several targets the next one is asked when one fails; a start whose answer was lost may have begun a job all the same.</remarks>
    /// <exception cref="HarborException">The job could not be started. A provider without videos is <see cref="ErrorKind.InvalidRequest"/>.</exception>
    public async Task<HarborJob<VideoResult>> StartVideoAsync(string model, VideoRequest request, JobOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(request);
        JobOptions copied = (options ?? new JobOptions()).Validated();
        var sent = new ServiceInput(ServiceKind.Video, request.ToJson());
        string[] prompts = [request.Prompt ?? ""];
        (string id, Target target) = await StartAsync(model, sent, [], copied.Requests, prompts, cancellationToken).ConfigureAwait(false);
        return VideoJob(target.Name, id, copied, prompts);
    }

    /// <summary>A video job that was started before, also in another process. Asks nobody.</summary>
    /// <param name="model">The job's <see cref="HarborJob{TResult}.Model"/>.</param>
    /// <param name="id">Its <see cref="HarborJob{TResult}.Id"/>.</param>
    /// <param name="options">How it is watched.</param>
    /// <returns>The job.</returns>
    public HarborJob<VideoResult> AttachVideo(string model, string id, JobOptions? options = null) =>
        VideoJob(Checked(model), CheckedId(id), (options ?? new JobOptions()).Validated(), []);

    /// <summary>Asks for an answer in the background, where the provider has that (Zhipu's asynchronous chat).</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Model and settings, as for <see cref="GetResponseAsync(IEnumerable{ChatMessage}, ChatOptions?, CancellationToken)"/>.</param>
    /// <param name="job">How the job is watched; each request's settings are those of <paramref name="options"/>.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The job; <see cref="AttachChat"/> finds it again by its model and id.</returns>
    /// <exception cref="HarborException">The job could not be started. A provider without chat in the background is <see cref="ErrorKind.InvalidRequest"/>.</exception>
    public async Task<HarborJob<ChatResponse>> StartChatAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, JobOptions? job = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        JobOptions copied = (job ?? new JobOptions()).Validated();
        copied.Requests ??= (options as HarborChatOptions)?.Clone() as HarborChatOptions ?? new HarborChatOptions { AdditionalProperties = options?.AdditionalProperties };
        string model = options?.ModelId ?? _defaultModel ?? throw CallFactory.NoModel("chat", nameof(HarborBuilder.UseDefaultModel));
        ChatMessage[] sent = [.. messages];
        string[] prompts = [options?.Instructions ?? "", .. sent.SelectMany(message => message?.Contents ?? []).OfType<TextContent>().Select(text => text.Text)];
        (string id, Target target) = await StartAsync(model, new ServiceInput(ServiceKind.Chat), sent, options, prompts, cancellationToken).ConfigureAwait(false);
        return ChatJob(target.Name, id, copied, prompts);
    }

    /// <summary>A chat in the background that was started before, also in another process. Asks nobody.</summary>
    /// <param name="model">The job's <see cref="HarborJob{TResult}.Model"/>.</param>
    /// <param name="id">Its <see cref="HarborJob{TResult}.Id"/>.</param>
    /// <param name="options">How it is watched.</param>
    /// <returns>The job.</returns>
    public HarborJob<ChatResponse> AttachChat(string model, string id, JobOptions? options = null) =>
        ChatJob(Checked(model), CheckedId(id), (options ?? new JobOptions()).Validated(), []);

    private async Task<(string Id, Target Target)> StartAsync(
        string model, ServiceInput input, IEnumerable<ChatMessage> messages, ChatOptions? options, string[] prompts, CancellationToken cancellationToken)
    {
        (Call call, PipelineStage pipeline) = _calls.BeginService(CallOperation.Job, model, input, options, cancellationToken, messages);
        return await PlainEdge.RunAsync(call, pipeline, started => StartedJobOf(started, prompts)).ConfigureAwait(false);
    }

    private static (string Id, Target Target) StartedJobOf(Call call, string[] prompts)
    {
        JobAnswer answer = ServiceAnswers.PayloadOf<JobAnswer>(call);
        answer.Error?.Scrub(ServiceAnswers.ScrubberOf(call, prompts));
        Target target = call.AnsweringTarget;
        if (answer.Status == JobStatus.Failed) throw JobErrors.Failed(target.Name, answer.Id ?? "(without id)", answer);
        if (!ServicePath.IsId(answer.Id))
            throw new HarborException(ErrorKind.Provider, $"{target.Name} took the job and answered without an id for it.") { Provider = target.Provider, Model = target.Model };
        return (answer.Id!, target);
    }

    private HarborJob<VideoResult> VideoJob(string model, string id, JobOptions options, string[] prompts) => new(id, model, new JobSource<VideoResult>(
        _calls.Services,
        options,
        prompts,
        (limit, token) => LookAsync(model, new ServiceInput(ServiceKind.Video, JobId: id), options, prompts, limit, VideosOf, token)));

    private HarborJob<ChatResponse> ChatJob(string model, string id, JobOptions options, string[] prompts) => new(id, model, new JobSource<ChatResponse>(
        _calls.Services,
        options,
        prompts,
        (limit, token) => LookAsync<ChatResponse>(model, new ServiceInput(ServiceKind.Chat, JobId: id), options, prompts, limit, (call, _, _) => PlainEdge.ResponseOf(call), token)));

    private async Task<(JobAnswer Answer, TResult? Result)> LookAsync<TResult>(
        string model, ServiceInput input, JobOptions options, string[] prompts, TimeSpan limit, Func<Call, JobAnswer, JobOptions, TResult?> resultOf, CancellationToken cancellationToken)
        where TResult : class
    {
        (Call call, PipelineStage pipeline) = _calls.BeginService(CallOperation.Job, model, input, options.Requests, cancellationToken, limit: limit);
        return await PlainEdge.RunAsync(call, pipeline, done =>
        {
            JobAnswer answer = ServiceAnswers.PayloadOf<JobAnswer>(done);
            answer.Error?.Scrub(ServiceAnswers.ScrubberOf(done, prompts));
            return (answer, answer.Status == JobStatus.Succeeded ? resultOf(done, answer, options) : null);
        }).ConfigureAwait(false);
    }

    private VideoResult? VideosOf(Call call, JobAnswer answer, JobOptions options)
    {
        Target target = call.AnsweringTarget;
        var videos = new List<VideoFile>();
        foreach ((string video, string? cover) in answer.Videos)
        {
            if (LinkedContent.AddressOf(video, target.Endpoint) is { } address)
                videos.Add(new VideoFile(address, cover is null ? null : LinkedContent.AddressOf(cover, target.Endpoint)));
        }

        return videos.Count == 0 ? null : new VideoResult(videos, DownloaderOf(target, _calls.TotalTimeoutOf(options.Requests), options.MaxDownloadBytes));
    }

    private string Checked(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return _calls.SingleTarget(model).Name;
    }

    private static string CheckedId(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return ServicePath.IsId(id) ? id : throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{ErrorFactory.Quote(id, 100)}' is no id of a job.");
    }
}
