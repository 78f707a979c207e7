using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Routing;

public sealed class HealthReportTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CountedHosts _hosts = new();

    [Fact]
    public async Task It_lists_every_target_that_an_alias_or_a_call_has_named_by_name()
    {
        await using FastClient client = _hosts.Client(map => map.Target("b/m", weight: 3).Target("a/m"));

        await client.GetResponseAsync("hi", new ChatOptions { ModelId = "c/other" });

        client.Health.Targets.Select(target => (target.Target, target.State, target.Weight, target.Attempts))
            .Should().Equal(("a/m", TargetState.Closed, 0.25, 0), ("b/m", TargetState.Closed, 0.75, 0), ("c/other", TargetState.Closed, null, 1));
    }

    [Fact]
    public async Task It_shows_what_is_in_flight_and_how_long_answers_take()
    {
        var gate = new TaskCompletionSource();
        _hosts.AnswerAfter("a", gate.Task);
        await using FastClient client = _hosts.Client(map => map.Target("a/m"), time: _time);

        Task<ChatResponse> pending = client.GetResponseAsync("hi");
        TargetStatus during = Status(client, "a/m");
        _time.Advance(TimeSpan.FromSeconds(3));
        gate.SetResult();
        await pending;
        TargetStatus after = Status(client, "a/m");

        (during.InFlight, during.MeanDuration, during.Attempts).Should().Be((1, null, 0));
        (after.InFlight, after.MeanDuration, after.Attempts, after.Failures).Should().Be((0, TimeSpan.FromSeconds(3), 1, 0));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData((HttpStatusCode)529)]
    public async Task A_host_that_keeps_failing_is_shown_as_open(HttpStatusCode status)
    {
        _hosts.Fail("a", status);
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m"), time: _time);

        await CountedHosts.Ask(client, 10);

        TargetStatus target = Status(client, "a/m");
        (target.State, target.AskedAgainIn, target.Failures).Should().Be((TargetState.Open, TimeSpan.FromSeconds(5), 10));
        Status(client, "b/m").State.Should().Be(TargetState.Closed);
    }

    [Fact]
    public async Task A_target_that_is_back_is_found_again_although_another_one_serves()
    {
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m"), time: _time);
        await CountedHosts.Ask(client, 30);
        _hosts.Heal("a");

        _time.Advance(TimeSpan.FromSeconds(5));
        await CountedHosts.Ask(client, 3);

        Status(client, "a/m").State.Should().Be(TargetState.Closed);
        _hosts.Sequence[^3..].Should().Equal("a", "a", "a");
        _hosts.Asked("a").Should().Be(13, "nobody asked it while it was open");
    }

    [Fact]
    public async Task While_one_call_probes_a_target_the_others_go_elsewhere()
    {
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m"), time: _time);
        await CountedHosts.Ask(client, 10);
        var gate = new TaskCompletionSource();
        _hosts.AnswerAfter("a", gate.Task);
        _time.Advance(TimeSpan.FromSeconds(5));

        Task<ChatResponse> probe = client.GetResponseAsync("hi");
        await CountedHosts.Ask(client, 20);
        TargetStatus during = Status(client, "a/m");
        gate.SetResult();
        await probe;

        (during.State, during.InFlight, during.AskedAgainIn).Should().Be((TargetState.HalfOpen, 1, TimeSpan.Zero));
        _hosts.Asked("a").Should().Be(11);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Refusals_of_a_request_say_nothing_against_the_host(HttpStatusCode status)
    {
        _hosts.Fail("a", status);
        await using FastClient client = _hosts.Client(map => map.Target("a/m"), time: _time);

        for (int i = 0; i < 20; i++) await client.Invoking(harbor => harbor.GetResponseAsync("hi")).Should().ThrowAsync<HarborException>();

        TargetStatus target = Status(client, "a/m");
        target.State.Should().NotBe(TargetState.Open);
        target.Failures.Should().Be(0);
        target.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Cancelled_calls_and_streams_left_early_are_no_failures_and_leave_nothing_in_flight()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["one", "two", "three"]);
        provider.Otherwise(EmulatedReply.Answer("x").DelayBeforeHeaders(TimeSpan.FromSeconds(30)));
        await using FastClient client = TestClients.Fast(provider, _time);

        await foreach (string _ in client.StreamTextAsync("hi")) break;
        using var cancel = new CancellationTokenSource();
        Task<ChatResponse> pending = client.GetResponseAsync("hi", cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await pending.Invoking(task => task).Should().ThrowAsync<Exception>();

        TargetStatus target = Status(client, TestClients.Model);
        (target.InFlight, target.State).Should().Be((0, TargetState.Closed));
        target.MeanDuration.Should().NotBeNull("the stream that was left had begun");
    }

    [Fact]
    public async Task A_call_whose_own_time_runs_out_says_nothing_against_the_host()
    {
        _hosts.AnswerAfter("a", new TaskCompletionSource().Task);
        await using FastClient client = _hosts.Client(map => map.Target("a/m"), time: _time);

        Task<ChatResponse> pending = client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(1) });
        _time.Advance(TimeSpan.FromSeconds(1));
        await pending.Invoking(task => task).Should().ThrowAsync<HarborTimeoutException>();

        Status(client, "a/m").Failures.Should().Be(0);
    }

    [Fact]
    public async Task A_busy_key_is_passed_over_for_an_idle_one()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer("late").DelayBeforeHeaders(TimeSpan.FromSeconds(9))).Otherwise(EmulatedReply.Answer("soon"));
        await using FastClient client = TestClients.OpenAI(provider, _time, options: openAI => openAI.Keys.Add("sk-second-7Qm2xWv9"));

        Task<ChatResponse> pending = client.GetResponseAsync("hi");
        await provider.AttemptReceived(1);
        for (int i = 0; i < 4; i++) await client.GetResponseAsync("hi");
        _time.Advance(TimeSpan.FromSeconds(9));
        await pending;

        provider.Attempts.Select(attempt => attempt.Headers["Authorization"]).Should().Equal("Bearer sk-test-key-7Qm2xWv9", "Bearer sk-second-7Qm2xWv9", "Bearer sk-second-7Qm2xWv9", "Bearer sk-second-7Qm2xWv9", "Bearer sk-second-7Qm2xWv9");
    }

    [Fact]
    public async Task As_text_it_is_a_table()
    {
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 1).Target("b/long-name", weight: 0), time: _time);

        await CountedHosts.Ask(client, 10);

        client.Health.ToString().Should().Be(
            "target       state   again in  weight  in flight  batch  queued   mean  attempts  failures  extra\n"
            + "a/m          open       5.0 s       1        0/1              0               10        10      0\n"
            + "b/long-name  closed                 0        0/8              0  0.0 s        10         0      0\n"
            + "\n"
            + "alias  target       role    share  calls  errors  skipped  first update   mean      cost\n"
            + "chat   a/m          stable      1      0      10\n"
            + "chat   b/long-name  stable      0     10       0                         0.0 s  unpriced\n");
        Status(client, "a/m").ToString().Should().Be("a/m open 5.0 s 1 0/1 0 10 10 0");
    }

    private static TargetStatus Status(FastClient client, string target) => client.Health.Targets.Single(status => status.Target == target);
}
