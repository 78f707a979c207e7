using HarborClient.Testing;
using HarborClient.Tests.Face;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// A service's own JSON goes through the pipeline like a chat.
public sealed class InvokeTests
{
    private const string Answer = """{"text":"x => x","lines":1,"unknown":[1,{"a":null}]}""";

    private static readonly Snippet Input = new("sort \"these\" {{prompt}} 数", "csharp");

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task It_is_sent_below_the_endpoint_and_comes_back_typed(PerformanceMode mode)
    {
        var host = new ProviderEmulator(_time).On("POST", "/v1/codegeex4/generate", Json(Answer));
        await using var client = LocalClient(host, time: _time, more: h => h.UseMode(mode));

        Code code = await AskAsync(client, "zhipu-local/codegeex4/generate");

        code.Should().Be(new Code("x => x", 1));
        EmulatedAttempt sent = host.Attempts.Should().ContainSingle().Which;
        sent.BodyJson!.Value.ShouldBeJson("""{"prompt":"sort \"these\" {{prompt}} 数","language":"csharp"}""");
        sent.Headers["content-type"].Should().Be("application/json");
        sent.Headers.Should().NotContainKey("accept", "no stream is asked for");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Any_provider_takes_it_with_its_own_key()
    {
        var openAI = new ProviderEmulator(_time).On("POST", "/v1/moderations", Json(Answer));
        var lab = new ProviderEmulator(_time).On("POST", "/v1/rerank", Json(Answer));
        await using var client = Emulated.Both(openAI, lab);

        (await AskAsync(client, "openai/moderations")).Lines.Should().Be(1);
        (await AskAsync(client, "lab/rerank")).Lines.Should().Be(1);

        openAI.Attempts[0].Headers["authorization"].Should().Be("Bearer " + Emulated.Key);
        lab.Attempts[0].Headers.Should().NotContainKey("authorization");
    }

    [Theory]
    [InlineData("a b/ü", "/v1/a%20b/%C3%BC")]
    [InlineData("x?key=1&y#z", "/v1/x%3Fkey%3D1%26y%23z")]
    [InlineData("%2e%2e/x", "/v1/%252e%252e/x")]
    [InlineData(@"..\..\admin", "/v1/..%5C..%5Cadmin")]
    [InlineData("http:evil.test", "/v1/http%3Aevil.test")]
    [InlineData("...", "/v1/...")]
    [InlineData("@evil.test", "/v1/%40evil.test")]
    public async Task Its_path_leads_nowhere_else(string path, string sent)
    {
        var host = new ProviderEmulator(_time).Otherwise(Json(Answer));
        await using var client = LocalClient(host);

        await AskAsync(client, "zhipu-local/" + path);

        host.Attempts.Should().ContainSingle().Which.Path.Should().Be(sent);
        host.Attempts[0].Headers["host"].Should().Be("gpu0.test:8000");
    }

    [Theory]
    [InlineData("../admin")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("/evil.test/x")]
    [InlineData("http://evil.test/x")]
    [InlineData("a/")]
    [InlineData("a\nb")]
    public async Task A_path_that_could_is_refused_before_anything_is_sent(string path)
    {
        var host = new ProviderEmulator(_time).Otherwise(Json(Answer));
        await using var client = LocalClient(host);

        HarborException error = await AskAsync(client, "zhipu-local/" + path).ErrorAsync();

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        host.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task So_is_one_that_is_too_long_and_a_provider_that_nobody_added()
    {
        await using var client = LocalClient(new ProviderEmulator(_time));

        (await AskAsync(client, "zhipu-local/" + new string('a', 2001)).ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);
        HarborException unknown = await AskAsync(client, "nobody/generate").ErrorAsync();

        unknown.Kind.Should().Be(ErrorKind.NotFound);
        unknown.Message.Should().Contain("zhipu-local");
    }

    public static TheoryData<string> Failures => ["503", "refused", "reset", "html", "cut", "events", "empty"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task An_alias_asks_the_next_host_when_one_fails(string failure)
    {
        var failing = new ProviderEmulator(_time).Otherwise(Failing(failure));
        var healthy = new ProviderEmulator(_time).Otherwise(Json(Answer));
        await using var client = TestClients.Chain(_time, PerformanceMode.Balanced, h => h.MapModel("code", "a/codegeex4/generate", "b/generate"), failing, healthy);

        Code code = await AskAsync(client, "code");

        code.Lines.Should().Be(1);
        failing.Attempts.Should().ContainSingle();
        healthy.Attempts.Should().ContainSingle().Which.Path.Should().Be("/v1/generate");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Its_error_is_that_of_the_host()
    {
        var host = new ProviderEmulator(_time).Then(429, retryAfterSeconds: 7);
        await using var client = LocalClient(host);

        HarborException error = await AskAsync(client, "zhipu-local/codegeex4/generate").ErrorAsync();

        error.Kind.Should().Be(ErrorKind.RateLimited);
        error.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
        (error.Provider, error.Model).Should().Be(("zhipu-local", "codegeex4/generate"));
        error.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Details_of_a_Python_server_are_in_the_message()
    {
        await using var client = LocalClient(new ProviderEmulator(_time).Otherwise(Json("""{"detail":[{"loc":["body","task"],"msg":"field required"}]}""", 422)));

        HarborException error = await AskAsync(client, "zhipu-local/cogagent/analyze").ErrorAsync();

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("field required");
    }

    [Fact]
    public async Task Settings_of_the_call_hold()
    {
        await using var client = LocalClient(new ProviderEmulator(_time).Otherwise(Json(Answer)));

        (await AskAsync(client, "zhipu-local/x", new HarborChatOptions { AllowedTargets = ["openai"] }).ErrorAsync()).Kind.Should().Be(ErrorKind.NoPermittedTarget);
        (await AskAsync(client, "zhipu-local/x", new ChatOptions { AdditionalProperties = new() { ["harbor.nonsense"] = 1 } }).ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);
    }

    [Fact]
    public async Task The_total_clock_runs()
    {
        var host = new ProviderEmulator(_time).Otherwise(new EmulatedReply().NeverAnswer());
        await using var client = LocalClient(host, time: _time);

        Task<Code> call = AskAsync(client, "zhipu-local/x", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5), FirstUpdateTimeout = TimeSpan.FromSeconds(1), IdleTimeout = TimeSpan.FromSeconds(1) });
        await host.AttemptReceived(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        call.IsCompleted.Should().BeFalse("the clocks of streams do not run");
        _time.Advance(TimeSpan.FromSeconds(3));

        (await call.ErrorAsync()).Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.Total);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Cancelling_ends_it_with_the_callers_token()
    {
        var host = new ProviderEmulator(_time).Otherwise(new EmulatedReply().NeverAnswer());
        await using var client = LocalClient(host, time: _time);
        using var source = new CancellationTokenSource();

        Task<Code> call = AskAsync(client, "zhipu-local/x", null, source.Token);
        await host.AttemptReceived(1);
        await source.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_call_after_the_end_of_the_client_says_so()
    {
        var client = LocalClient(new ProviderEmulator(_time));
        client.Dispose();

        await FluentActions.Awaiting(() => AskAsync(client, "zhipu-local/x")).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task It_counts_as_an_operation_of_its_own()
    {
        await using var client = LocalClient(new ProviderEmulator(_time).Otherwise(Json(Answer)), more: h => h.AddStage(StageScope.Attempt, next => new SeenStage(next)));

        await AskAsync(client, "zhipu-local/codegeex4/generate");

        SeenStage.Last.Should().Be((CallOperation.Invoke, "zhipu-local/codegeex4/generate", HarborUpdateKind.Payload));
    }

    private static Task<Code> AskAsync(FastClient client, string service, ChatOptions? options = null, CancellationToken token = default) =>
        client.InvokeAsync(service, Input, ServiceJson.Default.Snippet, ServiceJson.Default.Code, options, cancellationToken: token);

    private static EmulatedReply Failing(string failure) => failure switch
    {
        "503" => EmulatedReply.Error(503),
        "refused" => new EmulatedReply().ConnectionRefused(),
        "reset" => Json(Answer).ResetAtByte(5),
        "html" => EmulatedReply.Raw("<html>Bad gateway</html>", "text/html"),
        "cut" => Json(Answer[..20]),
        "events" => EmulatedReply.Raw("data: {\"text\":\"a\"}\n\n", "text/event-stream"),
        _ => Json(""),
    };

    private sealed class SeenStage(PipelineStage next) : PipelineStage(next), IUpdateObserver
    {
        public static (CallOperation Operation, string Target, HarborUpdateKind Kind) Last { get; private set; }

        public override ValueTask<UpdateReader> OpenAsync(Call call)
        {
            call.Observe(this);
            return Next.OpenAsync(call);
        }

        public Exception? OnUpdate(Call call, in HarborUpdate update)
        {
            Last = (call.Operation, call.Target!.Name, update.Kind);
            return null;
        }

        public void OnRestart()
        {
        }
    }
}
