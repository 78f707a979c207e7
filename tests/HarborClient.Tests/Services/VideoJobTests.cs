using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// CogVideoX: submit, look, fetch.
public sealed class VideoJobTests
{
    private const string Model = "zhipu/cogvideox-3";
    private const string Submit = "/api/paas/v4/videos/generations";
    private const string Look = "/api/paas/v4/async-result/job-1";

    private static readonly EmulatedReply Started = Json("""{"id":"job-1","request_id":"r","model":"cogvideox-3","task_status":"PROCESSING"}""");
    private static readonly EmulatedReply Running = Json("""{"model":"cogvideox-3","task_status":"PROCESSING","request_id":"r"}""");
    private static readonly EmulatedReply Done =
        Json("""{"task_status":"SUCCESS","video_result":[{"url":"https://files.example.test/v.mp4?sig=1","cover_image_url":"https://files.example.test/c.png"}]}""");

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_video_is_waited_for_with_growing_pauses()
    {
        var host = Host(Running, Running, Json("""{"task_status":"QUEUED_SOMEHOW"}"""), Done);
        await using var client = ZhipuClient(host, _time);
        var progress = new Recorder();

        Task<VideoResult> call = client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a boat" }, progress: progress);
        foreach (double pause in new[] { 2, 3, 4.5 }) await PassAsync(pause);
        VideoResult result = await call.Guarded();

        result.Videos.Should().Equal(new VideoFile(new Uri("https://files.example.test/v.mp4?sig=1"), new Uri("https://files.example.test/c.png")));
        progress.Seen.Select(seen => (seen.JobId, seen.Status, seen.ProviderStatus, seen.Elapsed.TotalSeconds)).Should().Equal(
            ("job-1", JobStatus.Running, null, 0),
            ("job-1", JobStatus.Running, "PROCESSING", 0),
            ("job-1", JobStatus.Running, "PROCESSING", 2),
            ("job-1", JobStatus.Running, "QUEUED_SOMEHOW", 5),
            ("job-1", JobStatus.Succeeded, "SUCCESS", 9.5));
        host.Attempts.Select(attempt => $"{attempt.Method} {attempt.Path}").Should().Equal($"POST {Submit}", $"GET {Look}", $"GET {Look}", $"GET {Look}", $"GET {Look}");
        host.Attempts.Should().OnlyContain(attempt => attempt.Headers.ContainsKey("authorization"));
        host.Attempts[1].Body.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Everything_of_the_request_is_sent_under_the_providers_names()
    {
        var host = Host(Done);
        await using var client = ZhipuClient(host, _time);
        var request = new VideoRequest
        {
            Prompt = "a \"boat\"", ImageUrl = "https://a.test/x.png", Quality = "speed", Size = "1920x1080", Duration = TimeSpan.FromSeconds(10), FramesPerSecond = 60, WithAudio = true,
            AdditionalProperties = new JsonObject { ["user_id"] = "user-1", ["watermark_enabled"] = false, ["fps"] = 30 },
        };

        await client.GenerateVideoAsync(Model, request);

        host.Body().ShouldBeJson("""
            {"model":"cogvideox-3","prompt":"a \"boat\"","image_url":"https://a.test/x.png","quality":"speed","size":"1920x1080","duration":10,"fps":30,"with_audio":true,
             "user_id":"user-1","watermark_enabled":false}
            """);
    }

    [Fact]
    public async Task A_job_is_found_again_by_another_client_and_looked_at_at_once()
    {
        string model, id;
        await using (var first = ZhipuClient(Host(Running), _time))
        {
            HarborJob<VideoResult> started = await first.StartVideoAsync(Model, new VideoRequest { Prompt = "a boat" });
            (model, id) = (started.Model, started.Id);
            (await started.GetStatusAsync()).Should().Be(new JobProgress("job-1", JobStatus.Running, "PROCESSING", TimeSpan.Zero));
        }

        await using var second = ZhipuClient(Host(Done), _time);
        HarborJob<VideoResult> job = second.AttachVideo(model, id);

        (await job.GetStatusAsync()).Status.Should().Be(JobStatus.Succeeded);
        (await job.WaitAsync()).Videos.Should().ContainSingle();
        (model, id).Should().Be((Model, "job-1"));
        second.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_alias_starts_the_job_where_it_can_and_the_job_stays_there()
    {
        var busy = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(503));
        var own = new ProviderEmulator(_time)
            .On("POST", "/v1/video", Json("""{"id":"job-9"}"""))
            .On("GET", "/v1/jobs/job-9", Json("""{"status":"done","video_url":"/files/v.mp4"}"""));
        await using var client = FastClient.Create(h => h
            .AddZhipu(Key, o => o.SendOnceThrough(busy.CreateHandler()))
            .AddZhipuLocal(new Uri("http://gpu4.test:9000/v1/"), o =>
            {
                o.SendOnceThrough(own.CreateHandler());
                o.Services["cogvideo"] = new ZhipuLocalServiceOptions { Path = "video", Request = """{"text":"{{prompt}}"}""", Job = new ZhipuLocalJobOptions() };
            })
            .MapModel("video", Model, "zhipu-local/cogvideo"));

        HarborJob<VideoResult> job = await client.StartVideoAsync("video", new VideoRequest { Prompt = "a boat" });
        VideoResult result = await job.WaitAsync();

        (job.Model, job.Id).Should().Be(("zhipu-local/cogvideo", "job-9"));
        result.Videos.Should().Equal(new VideoFile(new Uri("http://gpu4.test:9000/files/v.mp4"), null));
        busy.Attempts.Should().ContainSingle();
        client.Invoking(harbor => harbor.AttachVideo("video", "job-9")).Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.InvalidRequest);
    }

    [Theory]
    [InlineData("../../admin", "..%2F..%2Fadmin")]
    [InlineData("a?b=1#c", "a%3Fb%3D1%23c")]
    [InlineData("%2e%2e", "%252e%252e")]
    [InlineData("//evil.test/", "%2F%2Fevil.test%2F")]
    [InlineData("{{id}}", "%7B%7Bid%7D%7D")]
    public async Task A_hostile_id_stays_one_segment_of_the_path(string id, string segment)
    {
        var host = new ProviderEmulator(_time)
            .On("POST", Submit, Json(new JsonObject { ["id"] = id }.ToJsonString()))
            .On("GET", "/api/paas/v4/async-result/" + segment, Done);
        await using var client = ZhipuClient(host, _time);

        HarborJob<VideoResult> job = await client.StartVideoAsync(Model, new VideoRequest { Prompt = "a boat" });
        VideoResult result = await job.WaitAsync();

        job.Id.Should().Be(id);
        result.Videos.Should().ContainSingle();
        host.Attempts.Should().OnlyContain(attempt => attempt.Headers["host"] == "open.example.test");
    }

    [Theory]
    [InlineData("""{"task_status":"PROCESSING"}""")]
    [InlineData("""{"id":"..","task_status":"PROCESSING"}""")]
    [InlineData("""{"id":"","task_status":"PROCESSING"}""")]
    [InlineData("""{"id":"a\nb"}""")]
    [InlineData("""{"id":null}""")]
    public async Task A_start_without_an_id_that_can_be_used_is_an_error(string answer)
    {
        await using var client = ZhipuClient(new ProviderEmulator(_time).Otherwise(Json(answer)), _time);

        HarborException error = await client.StartVideoAsync(Model, new VideoRequest { Prompt = "a boat" }).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain("id");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Requests_that_cannot_be_are_refused_before_anything_is_sent()
    {
        var host = new ProviderEmulator(_time);
        await using var client = ZhipuClient(host, _time, h => h.AddLocal("lab", new Uri("http://lab.test/v1/"), o => o.SendOnceThrough(host.CreateHandler())));
        Task[] calls =
        [
            client.GenerateVideoAsync(Model, new VideoRequest()),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a", Duration = TimeSpan.FromMilliseconds(1500) }),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a", AdditionalProperties = new JsonObject { ["model"] = "x" } }),
            client.GenerateVideoAsync("lab/cogvideo", new VideoRequest { Prompt = "a" }),
            client.GenerateImageAsync("lab/cogview", new ImageRequest("a")),
            client.StartChatAsync([new ChatMessage(ChatRole.User, "a")], new ChatOptions { ModelId = "lab/chat" }),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a" }, new JobOptions { Timeout = TimeSpan.Zero }),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a" }, new JobOptions { PollInterval = Timeout.InfiniteTimeSpan }),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a" }, new JobOptions { MaxPollInterval = TimeSpan.FromHours(2) }),
            client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a" }, new JobOptions { MaxDownloadBytes = 1 }),
        ];

        foreach (Task call in calls) (await call.ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);

        client.Invoking(harbor => harbor.AttachVideo(Model, "..")).Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private ProviderEmulator Host(params EmulatedReply[] looks) => new ProviderEmulator(_time).On("POST", Submit, Started).On("GET", Look, looks);

    private async Task PassAsync(double seconds)
    {
        await _time.TimerSet(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }

    private sealed class Recorder : IProgress<JobProgress>
    {
        public List<JobProgress> Seen { get; } = [];

        public void Report(JobProgress value) => Seen.Add(value);
    }
}
