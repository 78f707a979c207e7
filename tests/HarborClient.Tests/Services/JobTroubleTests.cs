using HarborClient.Testing;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// A job is not lost by what happens while it is watched: every error carries its id.
public sealed class JobTroubleTests
{
    private const string Model = "zhipu/cogvideox-3";
    private const string Look = "/api/paas/v4/async-result/job-1";

    private static readonly EmulatedReply Running = Json("""{"task_status":"PROCESSING"}""");
    private static readonly EmulatedReply Done = Json("""{"task_status":"SUCCESS","video_result":[{"url":"https://files.example.test/v.mp4"}]}""");

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Passing => ["503", "429", "500", "refused", "reset", "cut", "html"];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_look_that_fails_in_passing_is_made_again(string failure)
    {
        var host = Host(Failing(failure), Failing(failure), Done);
        await using var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1").WaitAsync();
        await PassAsync(2);
        await PassAsync(3);

        (await call.Guarded()).Videos.Should().ContainSingle();
        host.Attempts.Should().HaveCount(3);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_wait_that_a_host_asks_for_is_kept()
    {
        var host = Host(EmulatedReply.Error(429, retryAfterSeconds: 40), Done);
        await using var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1").WaitAsync();
        await _time.AdvanceUntil(call);

        (await call.Guarded()).Videos.Should().ContainSingle();
        _time.GetElapsedTime(0).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(40)).And.BeLessThan(TimeSpan.FromSeconds(45), "everybody was told the same, and comes back up to a tenth later");
    }

    [Fact]
    public async Task A_look_that_hangs_is_given_up_after_a_minute()
    {
        var host = Host(new EmulatedReply().NeverAnswer(), Done);
        await using var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1").WaitAsync();
        await host.AttemptReceived(1);
        await PassAsync(60);
        await PassAsync(2);

        (await call.Guarded()).Videos.Should().ContainSingle();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(404, ErrorKind.NotFound)]
    [InlineData(401, ErrorKind.Authentication)]
    [InlineData(400, ErrorKind.InvalidRequest)]
    public async Task A_look_that_cannot_succeed_ends_the_waiting_with_the_id(int status, ErrorKind kind)
    {
        await using var client = ZhipuClient(Host(EmulatedReply.Error(status)), _time);

        var error = (await client.AttachVideo(Model, "job-1").WaitAsync().ErrorAsync()).Should().BeOfType<HarborJobException>().Which;

        (error.Kind, error.JobId, error.StatusCode).Should().Be((kind, "job-1", (System.Net.HttpStatusCode)status));
        error.Message.Should().Contain("job-1").And.Contain(Model);
        (error.Provider, error.Model).Should().Be(("zhipu", "cogvideox-3"));
        error.Attempts.Should().ContainSingle();
        (await client.AttachVideo(Model, "job-1").GetStatusAsync().ErrorAsync()).Should().BeOfType<HarborJobException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"task_status":"FAIL"}""", ErrorKind.Provider, "FAIL")]
    [InlineData("""{"task_status":"FAIL","error":{"code":"1234","message":"disk full"}}""", ErrorKind.Provider, "disk full")]
    [InlineData("""{"task_status":"FAIL","error":{"code":"1301","message":"unsafe"}}""", ErrorKind.ContentFiltered, "unsafe")]
    [InlineData("""{"error":{"code":"1301","message":"unsafe"}}""", ErrorKind.ContentFiltered, "unsafe")]
    [InlineData("""{"task_status":"SUCCESS"}""", ErrorKind.Provider, "no result")]
    [InlineData("""{"task_status":"SUCCESS","video_result":[{"url":"ftp://a/b"}]}""", ErrorKind.Provider, "no result")]
    [InlineData("""{"task_status":"SUCCESS","video_result":{"url":5}}""", ErrorKind.Provider, "no result")]
    public async Task A_job_that_failed_is_a_typed_error(string answer, ErrorKind kind, string said)
    {
        await using var client = ZhipuClient(Host(Json(answer)), _time);

        var error = (await client.AttachVideo(Model, "job-1").WaitAsync().ErrorAsync()).Should().BeOfType<HarborJobException>().Which;

        (error.Kind, error.JobId, error.IsTransient).Should().Be((kind, "job-1", false));
        error.Message.Should().Contain(said).And.Contain("job-1");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Its_own_deadline_ends_the_waiting_and_names_the_last_trouble()
    {
        var host = Host(Running, EmulatedReply.Error(503));
        await using var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1", new JobOptions { Timeout = TimeSpan.FromSeconds(4) }).WaitAsync();
        await PassAsync(2);
        await PassAsync(2);

        var error = (await call.Guarded().ErrorAsync()).Should().BeOfType<HarborJobException>().Which;
        (error.Kind, error.JobId, error.IsTransient).Should().Be((ErrorKind.Timeout, "job-1", true));
        error.Message.Should().Contain("JobOptions.Timeout").And.Contain("503");
        host.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_deadline_also_ends_a_look_that_hangs()
    {
        var host = Host(new EmulatedReply().NeverAnswer());
        await using var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1", new JobOptions { Timeout = TimeSpan.FromSeconds(10) }).WaitAsync();
        await host.AttemptReceived(1);
        await PassAsync(10);

        (await call.Guarded().ErrorAsync()).Should().BeOfType<HarborJobException>().Which.Kind.Should().Be(ErrorKind.Timeout);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_ends_a_pause_and_a_look(bool isLooking)
    {
        var host = Host(isLooking ? new EmulatedReply().NeverAnswer() : Running);
        await using var client = ZhipuClient(host, _time);
        using var source = new CancellationTokenSource();

        Task<VideoResult> call = client.AttachVideo(Model, "job-1").WaitAsync(cancellationToken: source.Token);
        await host.AttemptReceived(1);
        if (!isLooking) await _time.TimerSet(TimeSpan.FromSeconds(2));
        await source.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        _time.PendingTimers.Should().Be(0);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_client_ends_a_pause_and_a_look(bool isLooking)
    {
        var host = Host(isLooking ? new EmulatedReply().NeverAnswer() : Running);
        var client = ZhipuClient(host, _time);

        Task<VideoResult> call = client.AttachVideo(Model, "job-1").WaitAsync();
        await host.AttemptReceived(1);
        if (!isLooking) await _time.TimerSet(TimeSpan.FromSeconds(2));
        client.Dispose();

        await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_start_that_fails_is_the_error_of_its_request()
    {
        await using var client = ZhipuClient(new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(429, code: "1113", message: "no balance")), _time);

        HarborException error = await client.GenerateVideoAsync(Model, new VideoRequest { Prompt = "a boat" }).ErrorAsync();

        error.Should().NotBeOfType<HarborJobException>();
        error.StatusCode.Should().Be(System.Net.HttpStatusCode.TooManyRequests);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(401, "error")]
    [InlineData(503, "error")]
    [InlineData(200, "failure")]
    public async Task Neither_key_nor_prompt_that_the_host_quotes_is_handed_on(int status, string how)
    {
        const string Prompt = "a very secret boat in the rain of the old harbour";
        string error = $$$"""{"error":{"code":"{{{(status == 401 ? 1000 : 1234)}}}","message":"cannot make {{{Prompt}}} with {{{Key}}}"}{{{(how == "failure" ? ",\"task_status\":\"FAIL\"" : "")}}}}""";
        var host = Host(Json(error, status)).On("POST", "/api/paas/v4/videos/generations", Json("""{"id":"job-1"}"""), Json(error));
        await using var client = ZhipuClient(host, _time);

        HarborJob<VideoResult> job = await client.StartVideoAsync(Model, new VideoRequest { Prompt = Prompt }, new JobOptions { Timeout = TimeSpan.FromSeconds(1) });
        Task<VideoResult> call = job.WaitAsync();
        if (status == 503)
        {
            await _time.TimerSet(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        (await call.Guarded().ErrorAsync()).ToString().Should().Contain("cannot make").And.NotContain(Key).And.NotContain(Prompt);
        (await client.StartVideoAsync(Model, new VideoRequest { Prompt = Prompt }).ErrorAsync()).ToString().Should().Contain("cannot make").And.NotContain(Key).And.NotContain(Prompt);
    }

    private static EmulatedReply Failing(string failure) => failure switch
    {
        "refused" => new EmulatedReply().ConnectionRefused(),
        "reset" => new EmulatedReply().ResetBeforeHeaders(),
        "cut" => Json("""{"task_status":"SUCC"""),
        "html" => EmulatedReply.Raw("<html>Bad gateway</html>", "text/html"),
        _ => EmulatedReply.Error(int.Parse(failure, null)),
    };

    private ProviderEmulator Host(params EmulatedReply[] looks) => new ProviderEmulator(_time).On("GET", Look, looks);

    private async Task PassAsync(double seconds)
    {
        await _time.TimerSet(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
