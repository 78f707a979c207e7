using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// CogVideoX behind a service of one's own: the same job, by pointers.
public sealed class LocalJobTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task It_is_started_looked_at_and_fetched_where_the_description_says()
    {
        var host = new ProviderEmulator(_time)
            .On("POST", "/v1/film", Json("""{"job":{"no":17},"state":"waiting"}"""))
            .On("GET", "/v1/film/17/state?full=1", Json("""{"state":"working"}"""), Json("""{"state":"Over","files":["/out/1.mp4","https://cdn.test/2.mp4"],"still":"/out/1.png"}"""));
        await using var client = Client(host);

        HarborJob<VideoResult> job = await client.StartVideoAsync("zhipu-local/film", new VideoRequest { Prompt = "a boat", Duration = TimeSpan.FromSeconds(6), WithAudio = false });
        Task<VideoResult> call = job.WaitAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        VideoResult result = await call.Guarded();

        job.Id.Should().Be("17", "an id may be a number");
        host.Body().ShouldBeJson("""{"p":"a boat","s":6,"sound":false}""");
        result.Videos.Select(video => video.Url.AbsoluteUri).Should().Equal("http://gpu0.test:8000/out/1.mp4", "https://cdn.test/2.mp4");
        result.Videos[0].CoverImageUrl!.AbsoluteUri.Should().Be("http://gpu0.test:8000/out/1.png");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"state":"broken","error":"no memory"}""")]
    [InlineData("""{"state":"over","files":["https://a.test/1"],"error":"no memory"}""")]
    [InlineData("""{"error":"no memory"}""")]
    public async Task Its_failure_is_typed(string answer)
    {
        await using var client = Client(new ProviderEmulator(_time).Otherwise(Json(answer)));

        var error = (await client.AttachVideo("zhipu-local/film", "17").WaitAsync().ErrorAsync()).Should().BeOfType<HarborJobException>().Which;

        (error.Kind, error.JobId).Should().Be((ErrorKind.Provider, "17"));
        error.Message.Should().Contain("no memory");
    }

    [Theory]
    [InlineData("""{"state":{"a":1}}""")]
    [InlineData("""{"state":"over","files":[1]}""")]
    [InlineData("""{"state":"over","files":{"a":"b"}}""")]
    public async Task An_answer_of_another_shape_is_looked_at_again_until_the_time_is_over(string answer)
    {
        await using var client = Client(new ProviderEmulator(_time).Otherwise(Json(answer)));

        Task<VideoResult> call = client.AttachVideo("zhipu-local/film", "17", new JobOptions { Timeout = TimeSpan.FromSeconds(1) }).WaitAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        (await call.Guarded().ErrorAsync()).Message.Should().Contain("cannot be read");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_a_service_does_not_make_is_refused()
    {
        var host = new ProviderEmulator(_time);
        await using var client = Client(host);
        Task[] calls =
        [
            client.StartVideoAsync("zhipu-local/chatglm3-6b", new VideoRequest { Prompt = "a" }),
            client.GenerateImageAsync("zhipu-local/film", new ImageRequest("a")),
            client.StartChatAsync([new ChatMessage(ChatRole.User, "a")], new ChatOptions { ModelId = "zhipu-local/chatglm3-6b" }),
            client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/film" }),
            client.InvokeAsync("zhipu-local/chat", 1, ServiceJson.Default.NullableInt32, ServiceJson.Default.NullableInt32),
        ];

        foreach (Task call in calls) (await call.ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);

        host.Attempts.Should().BeEmpty();
    }

    private FastClient Client(ProviderEmulator host) => LocalClient(
        host,
        o =>
        {
            o.Services["chat"] = new ZhipuLocalServiceOptions();
            o.Services["film"] = new ZhipuLocalServiceOptions
            {
                Path = "film",
                Request = """{"p":"{{prompt}}","s":"{{duration}}","sound":"{{with_audio}}","size":"{{size}}"}""",
                Error = "/error",
                Job = new ZhipuLocalJobOptions { Id = "/job/no", Path = "film/{{id}}/state?full=1", Status = "/state", Succeeded = { "over" }, Failed = { "broken" }, Video = "/files", Cover = "/still" },
            };
        },
        _time);
}
