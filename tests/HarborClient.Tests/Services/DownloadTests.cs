using HarborClient.Testing;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// Files are copied piece by piece, bounded, and without the key to anybody else's host.
public sealed class DownloadTests
{
    private const string Link = "https://files.example.test/v/1.mp4?Signature=very-secret-signature";

    private static readonly byte[] Film = [.. Enumerable.Range(0, 200_000).Select(number => (byte)(number * 31))];

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_file_arrives_whole_and_the_key_stays_at_home()
    {
        var host = Host(EmulatedReply.Raw(Film, "video/mp4").ChunkSize(7000));
        await using var client = ZhipuClient(host, _time);
        VideoResult result = await ResultAsync(client);
        using var file = new MemoryStream();

        (await result.DownloadAsync(file)).Should().Be(Film.Length);

        file.ToArray().Should().Equal(Film);
        EmulatedAttempt sent = host.Attempts[^1];
        (sent.Method, sent.Path, sent.Headers["host"]).Should().Be(("GET", "/v/1.mp4?Signature=very-secret-signature", "files.example.test"));
        sent.Headers.Keys.Select(name => name.ToLowerInvariant()).Should().BeEquivalentTo(["host", "user-agent"], "nothing that was meant for the provider goes along");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Its_own_host_gets_the_key_and_the_configured_headers()
    {
        var host = new ProviderEmulator(_time)
            .On("GET", "/v1/jobs/j", Json("""{"status":"DONE","video_url":["/files/1.mp4","https://elsewhere.test/2.mp4","http://gpu0.test:8001/3.mp4"]}"""))
            .Otherwise(EmulatedReply.Raw(Film, "video/mp4"));
        await using var client = LocalClient(host, o =>
        {
            o.Keys.Add("local-key-1234567-7Qm2xWv9");
            o.DefaultHeaders["X-Team"] = "film";
            o.Services["video"] = new ZhipuLocalServiceOptions { Path = "video", Request = "{}", Job = new ZhipuLocalJobOptions() };
        });
        VideoResult result = await client.AttachVideo("zhipu-local/video", "j").WaitAsync();

        for (int i = 0; i < 3; i++) await result.DownloadAsync(Stream.Null, i);

        host.Attempts.Skip(1).Select(attempt => (attempt.Headers["host"], attempt.Headers.ContainsKey("authorization"), attempt.Headers.ContainsKey("X-Team"))).Should().Equal(
            ("gpu0.test:8000", true, true),
            ("elsewhere.test", false, false),
            ("gpu0.test:8001", false, false));
        await FluentActions.Awaiting(() => result.DownloadAsync(Stream.Null, 3)).Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(403, ErrorKind.NotFound, false)]
    [InlineData(404, ErrorKind.NotFound, false)]
    [InlineData(302, ErrorKind.Configuration, false)]
    [InlineData(503, ErrorKind.Provider, true)]
    [InlineData(429, ErrorKind.RateLimited, true)]
    public async Task A_refusal_says_what_to_do_and_never_the_links_signature(int status, ErrorKind kind, bool isTransient)
    {
        await using var client = ZhipuClient(Host(EmulatedReply.Raw("<Error>very-secret-signature</Error>", "application/xml", status)), _time);
        VideoResult result = await ResultAsync(client);

        HarborException error = await result.DownloadAsync(Stream.Null).ErrorAsync();

        (error.Kind, error.IsTransient, error.StatusCode).Should().Be((kind, isTransient, (System.Net.HttpStatusCode)status));
        error.ToString().Should().Contain("files.example.test/v/1.mp4").And.NotContain("very-secret");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    public static TheoryData<string, ErrorKind> Breaks => new() { { "reset", ErrorKind.Interrupted }, { "short", ErrorKind.Interrupted }, { "refused", ErrorKind.Network }, { "large", ErrorKind.TooLarge } };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_file_that_breaks_off_is_an_error(string how, ErrorKind kind)
    {
        EmulatedReply film = EmulatedReply.Raw(Film, "video/mp4").ChunkSize(7000);
        var host = Host(how switch
        {
            "reset" => film.ResetAtByte(100_000),
            "short" => film.Header("content-length", "200001"),
            "refused" => film.ConnectionRefused(),
            _ => film,
        });
        await using var client = ZhipuClient(host, _time);
        VideoResult result = await ResultAsync(client, how == "large" ? 100_000 : 1 << 20);

        HarborException error = await result.DownloadAsync(Stream.Null).ErrorAsync();

        error.Kind.Should().Be(kind);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(60, HarborClock.Idle)]
    [InlineData(600, HarborClock.Total)]
    public async Task Its_clocks_run(int seconds, HarborClock clock)
    {
        EmulatedReply film = EmulatedReply.Raw(Film, "video/mp4").ChunkSize(1000);
        var host = Host(clock == HarborClock.Idle ? film.SilentAtByte(50_000) : film.SlowLoris(TimeSpan.FromSeconds(50)));
        await using var client = ZhipuClient(host, _time);
        VideoResult result = await ResultAsync(client);

        Task<long> download = result.DownloadAsync(Stream.Null);
        await host.AttemptReceived(2);
        if (clock == HarborClock.Idle) await _time.TimerSet(TimeSpan.FromSeconds(60));
        for (int passed = 0; passed < seconds; passed += 10) _time.Advance(TimeSpan.FromSeconds(10));

        (await download.Guarded().ErrorAsync()).Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(clock);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_or_the_end_of_the_client_ends_it(bool isDisposed)
    {
        var host = Host(EmulatedReply.Raw(Film, "video/mp4").SilentAtByte(50_000));
        var client = ZhipuClient(host, _time);
        VideoResult result = await ResultAsync(client);
        using var source = new CancellationTokenSource();

        Task<long> download = result.DownloadAsync(Stream.Null, cancellationToken: source.Token);
        await host.AttemptReceived(2);
        if (isDisposed) client.Dispose();
        else await source.CancelAsync();

        if (isDisposed) await FluentActions.Awaiting(() => download.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        else (await FluentActions.Awaiting(() => download.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        await host.AttemptEnded(2);
        client.Outstanding().Should().Be(Outstanding.None);
        client.Dispose();
    }

    [Fact]
    public async Task What_the_callers_stream_throws_is_the_callers()
    {
        await using var client = ZhipuClient(Host(EmulatedReply.Raw(Film, "video/mp4")), _time);
        VideoResult result = await ResultAsync(client);
        using var full = new MemoryStream(new byte[10], writable: true);

        await FluentActions.Awaiting(() => result.DownloadAsync(full)).Should().ThrowAsync<NotSupportedException>();

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Over_a_socket_it_takes_a_connection_of_its_own()
    {
        var files = new ProviderEmulator().Otherwise(EmulatedReply.Raw(Film, "video/mp4"));
        await using EmulatorServer server = await files.StartAsync();
        var looks = new ProviderEmulator().Otherwise(Json($$"""{"status":"DONE","video_url":"{{new Uri(server.Endpoint, "/films/1.mp4")}}"}"""));
        await using EmulatorServer host = await looks.StartAsync();
        await using var client = FastClient.Create(h => h.AddZhipuLocal(host.Endpoint, o =>
        {
            o.Keys.Add("local-key-1234567-7Qm2xWv9");
            o.Services["video"] = new ZhipuLocalServiceOptions { Path = "video", Request = "{}", Job = new ZhipuLocalJobOptions() };
        }));
        VideoResult result = await client.AttachVideo("zhipu-local/video", "j").WaitAsync();
        using var file = new MemoryStream();

        await result.DownloadAsync(file);

        file.ToArray().Should().Equal(Film);
        looks.Attempts[0].Headers.Should().ContainKey("authorization");
        files.Attempts[0].Headers.Should().NotContainKey("authorization", "another port is another host");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static Task<VideoResult> ResultAsync(FastClient client, long most = 1 << 20) =>
        client.AttachVideo("zhipu/cogvideox-3", "job-1", new JobOptions { MaxDownloadBytes = most }).WaitAsync();

    private ProviderEmulator Host(EmulatedReply film) => new ProviderEmulator(_time)
        .On("GET", "/api/paas/v4/async-result/job-1", Json($$"""{"task_status":"SUCCESS","video_result":[{"url":"{{Link}}"}]}"""))
        .Otherwise(film);
}
