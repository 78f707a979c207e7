using HarborClient.Testing;

namespace HarborClient.Tests.Shadows;

// A shadow is asked what the target is asked, and the caller has the target's answer as if there were none.
public sealed class ShadowTests
{
    private static readonly Dictionary<string, Func<EmulatedReply>> Replies = new()
    {
        ["another answer"] = () => EmulatedReply.Answer("something else"),
        ["a slow answer"] = () => EmulatedReply.Answer("late").DelayBeforeHeaders(TimeSpan.FromSeconds(20)),
        ["silence"] = () => new EmulatedReply().NeverAnswer(),
        ["a stalled answer"] = () => EmulatedReply.Answer("one two three four").SilentAfterUpdates(2),
        ["a cut answer"] = () => EmulatedReply.Answer("one two three four").CutAfterUpdates(2),
        ["garbage"] = () => EmulatedReply.Raw("<html>", "text/html"),
        ["a malformed event"] = () => EmulatedReply.Answer("one two three").MalformedEventAt(1),
        ["500"] = () => EmulatedReply.Error(500),
        ["429"] = () => EmulatedReply.Error(429).RetryAfter(2),
        ["a refused request"] = () => EmulatedReply.Error(400),
        ["a rejected key"] = () => EmulatedReply.Error(401),
        ["a refused connection"] = () => new EmulatedReply().ConnectionRefused(),
    };

    private readonly ShadowHosts _hosts = new();

    public static TheoryData<PerformanceMode, bool> Ways
    {
        get
        {
            var all = new TheoryData<PerformanceMode, bool>();
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                all.Add(mode, true);
                all.Add(mode, false);
            }

            return all;
        }
    }

    public static TheoryData<string, PerformanceMode, bool> Faults()
    {
        var all = new TheoryData<string, PerformanceMode, bool>();
        foreach (string fault in Replies.Keys)
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                all.Add(fault, mode, true);
                all.Add(fault, mode, false);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task It_is_asked_what_the_target_is_asked(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = _hosts.Client(mode);

        string answer = await ShadowHosts.AskAsync(client, isStreaming, options: new ChatOptions { Temperature = 0.3f });
        await ShadowHosts.Settled(client);

        answer.Should().Be("one two");
        _hosts.Trial.Attempts.Should().ContainSingle().Which.BodyText.Should().Be(_hosts.Main.Attempts.Should().ContainSingle().Which.BodyText);
        VariantStatus shadow = ShadowHosts.Status(client);
        (shadow.Target, shadow.Share, shadow.Calls, shadow.Errors, shadow.Skipped).Should().Be((ShadowHosts.Shadow, 1, 1, 0, 0));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_it_does_the_caller_has_the_targets_answer_at_once(string fault, PerformanceMode mode, bool isStreaming)
    {
        _hosts.Trial.Otherwise(Replies[fault]());
        await using FastClient client = _hosts.Client(mode);
        DateTimeOffset start = _hosts.Time.GetUtcNow();

        string answer = await ShadowHosts.AskAsync(client, isStreaming);
        TimeSpan took = _hosts.Time.GetUtcNow() - start;
        Task settled = ShadowHosts.Settled(client);
        await _hosts.Time.AdvanceUntil(settled);
        await settled;

        answer.Should().Be("one two");
        took.Should().Be(TimeSpan.Zero);
        _hosts.Trial.Attempts.Should().ContainSingle("it is asked once, whatever comes of it");
        VariantStatus shadow = ShadowHosts.Status(client);
        (shadow.Calls + shadow.Errors).Should().Be(1);
        (await ShadowHosts.AskAsync(client, isStreaming)).Should().Be("one two");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_the_caller_hears_of_its_call_is_the_same_with_and_without(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient with = _hosts.Client(mode);
        await using FastClient without = _hosts.Client(mode, map => map.Target(ShadowHosts.Target));

        HarborCallInfo[] infos = [await InfoAsync(with, isStreaming), await InfoAsync(without, isStreaming)];

        infos.Select(info => (info.Provider, info.Model, info.Attempts.Count, info.Decisions.Count)).Distinct().Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_caller_is_answered_while_it_is_under_way(PerformanceMode mode, bool isStreaming)
    {
        _hosts.Trial.Otherwise(EmulatedReply.Answer("late").DelayBeforeHeaders(TimeSpan.FromSeconds(9)));
        await using FastClient client = _hosts.Client(mode);

        await ShadowHosts.AskAsync(client, isStreaming);
        await _hosts.Trial.AttemptReceived(1);
        Outstanding during = client.Outstanding();
        Task settled = ShadowHosts.Settled(client);
        await _hosts.Time.AdvanceUntil(settled);
        await settled;

        (during.Calls, during.Permits).Should().Be((1, 1));
        ShadowHosts.Status(client).MeanDuration.Should().Be(TimeSpan.FromSeconds(9));
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task It_is_asked_the_messages_as_they_were_at_the_call(PerformanceMode mode)
    {
        await using FastClient client = _hosts.Client(mode);
        var text = new TextContent("first words");
        var options = new ChatOptions { Temperature = 0.25f, Tools = [] };

        Task<ChatResponse> pending = client.GetResponseAsync([new ChatMessage(ChatRole.User, [text])], options);
        text.Text = "other words";
        options.Temperature = 0.75f;
        options.Tools.Add(new HostedWebSearchTool());
        await pending;
        await ShadowHosts.Settled(client);

        _hosts.Trial.Attempts.Should().ContainSingle().Which.BodyText.Should().Contain("first words").And.Contain("0.25").And.NotContain("other words");
    }

    [Fact]
    public async Task It_goes_on_when_its_caller_leaves()
    {
        _hosts.Main.Otherwise(EmulatedReply.Answer(["one", " two"]).PauseAfterUpdates(1, TimeSpan.FromMinutes(1)));
        await using FastClient client = _hosts.Client();

        await foreach (string _ in client.StreamTextAsync("hi")) break;
        await ShadowHosts.Settled(client);

        ShadowHosts.Status(client).Calls.Should().Be(1);
    }

    [Fact]
    public async Task It_has_the_time_of_the_call_from_its_own_start()
    {
        _hosts.Trial.Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);
        DateTimeOffset start = _hosts.Time.GetUtcNow();

        await ShadowHosts.AskAsync(client, isStreaming: false, options: new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(7) });
        Task settled = ShadowHosts.Settled(client);
        await _hosts.Time.AdvanceUntil(settled);

        (_hosts.Time.GetUtcNow() - start).Should().Be(TimeSpan.FromSeconds(7));
        ShadowHosts.Status(client).Errors.Should().Be(1);
    }

    [Fact]
    public async Task A_call_without_end_has_a_shadow_of_ten_minutes()
    {
        _hosts.Trial.Otherwise(new EmulatedReply().NeverAnswer());
        await using FastClient client = _hosts.Client(PerformanceMode.Fast);
        DateTimeOffset start = _hosts.Time.GetUtcNow();

        await ShadowHosts.AskAsync(client, isStreaming: false, options: new HarborChatOptions { TotalTimeout = Timeout.InfiniteTimeSpan });
        Task settled = ShadowHosts.Settled(client);
        await _hosts.Time.AdvanceUntil(settled);

        (_hosts.Time.GetUtcNow() - start).Should().Be(TimeSpan.FromMinutes(10));
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task Disposing_the_client_cancels_it_and_waits_for_it(PerformanceMode mode)
    {
        _hosts.Trial.Otherwise(new EmulatedReply().NeverAnswer());
        FastClient client = _hosts.Client(mode);

        await ShadowHosts.AskAsync(client, isStreaming: false);
        await _hosts.Trial.AttemptReceived(1);
        await client.DisposeAsync().AsTask().Guarded();

        client.Outstanding().Should().Be(Outstanding.None);
        (ShadowHosts.Status(client).Calls, ShadowHosts.Status(client).Errors).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_handler_that_does_not_heed_its_token_holds_up_the_disposal_for_a_second()
    {
        var stubborn = new FunctionHandler(() => new TaskCompletionSource<HttpResponseMessage>().Task);
        FastClient client = _hosts.Client(through: stubborn);

        await ShadowHosts.AskAsync(client, isStreaming: false);
        await stubborn.Called.Guarded();
        Task disposed = client.DisposeAsync().AsTask();
        bool waited = !disposed.IsCompleted;
        await _hosts.Time.AdvanceUntil(disposed, TimeSpan.FromSeconds(1));

        (waited, disposed.IsCompletedSuccessfully).Should().Be((true, true));
    }

    [Fact]
    public async Task A_handler_that_takes_its_time_to_stop_is_waited_for()
    {
        var stopped = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new FunctionHandler(() => stopped.Task);
        FastClient client = _hosts.Client(through: slow);

        await ShadowHosts.AskAsync(client, isStreaming: false);
        await slow.Called.Guarded();
        Task disposed = client.DisposeAsync().AsTask();
        bool waited = !disposed.IsCompleted;
        stopped.SetCanceled();
        await disposed.Guarded();

        waited.Should().BeTrue();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Nothing_of_the_callers_context_goes_with_it()
    {
        var ambient = new AsyncLocal<string?> { Value = "the caller's" };
        var seen = new System.Collections.Concurrent.ConcurrentBag<string?>();
        var watching = new FunctionHandler(() =>
        {
            seen.Add(ambient.Value);
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.BadRequest));
        });
        await using FastClient client = _hosts.Client(through: watching);

        // Many, for the threads to meet in every order.
        for (int i = 0; i < 500; i++) await ShadowHosts.AskAsync(client, isStreaming: false);
        await ShadowHosts.Settled(client);

        seen.Should().HaveCountGreaterThan(400).And.OnlyContain(value => value == null);
        ambient.Value.Should().Be("the caller's");
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_does_not_block_the_caller()
    {
        using var gate = new ManualResetEventSlim();
        var blocking = new FunctionHandler(() =>
        {
            gate.Wait(TestClients.Guard, CancellationToken.None);
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError));
        });
        await using FastClient client = _hosts.Client(through: blocking);

        string answer = await ShadowHosts.AskAsync(client, isStreaming: false);
        bool wasBlocked = client.Outstanding().Calls == 1;
        gate.Set();
        await ShadowHosts.Settled(client);

        (answer, wasBlocked).Should().Be(("one two", true));
    }

    [Fact]
    public async Task Its_error_is_logged_for_who_looks_for_it()
    {
        _hosts.Trial.Otherwise(EmulatedReply.Error(404));
        using var logs = new RecordedLogs();
        await using FastClient client = _hosts.Client(configure: h => h.UseLoggerFactory(logs));

        await ShadowHosts.AskAsync(client, isStreaming: false);
        await logs.Logged(10);

        RecordedLogs.Entry entry = logs.Of(10).Should().ContainSingle().Which;
        entry.Level.Should().Be(Microsoft.Extensions.Logging.LogLevel.Debug);
        entry.Message.Should().StartWith("trial/m, a shadow of chat, failed (NotFound), which concerns no caller: ");
    }

    private static async Task<HarborCallInfo> InfoAsync(FastClient client, bool isStreaming) => isStreaming
        ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse().GetHarborInfo()
        : (await client.GetResponseAsync("hi")).GetHarborInfo();

    private sealed class FunctionHandler(Func<Task<HttpResponseMessage>> send) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Called => _called.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _called.TrySetResult();
            return send();
        }
    }
}
