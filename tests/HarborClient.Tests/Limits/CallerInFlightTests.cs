using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// Calls in flight: a place is held until the call ends, however it ends.
public sealed class CallerInFlightTests : CallerCalls
{
    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_call_too_many_is_refused_until_another_has_ended(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(EmulatedReply.Answer("one").DelayBeforeHeaders(TimeSpan.FromSeconds(4))).ThenReply(EmulatedReply.Answer("two").DelayBeforeHeaders(TimeSpan.FromSeconds(4)));
        await using FastClient client = Client(limits => limits.PerUser.InFlight = 2, mode);
        Task<string>[] running = [AskAsync(client, By("alice"), isStreaming), AskAsync(client, By("alice"), isStreaming)];
        await Provider.AttemptReceived(2);

        HarborException refusal = await RefusedAsync(client, By("alice"), isStreaming);
        refusal.Message.Should().Contain("2 calls in flight").And.Contain("CallerLimits.PerUser.InFlight");
        refusal.RetryAfter.Should().Be(TimeSpan.FromSeconds(1), "nothing is known of how long calls take");
        await AskAsync(client, By("bob"), isStreaming);
        client.Outstanding().Permits.Should().Be(4);

        Time.Advance(TimeSpan.FromSeconds(4));
        await Task.WhenAll(running).Guarded();
        await AskAsync(client, By("alice"), isStreaming);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task An_error_frees_the_place(PerformanceMode mode, bool isStreaming)
    {
        Provider.Then(400).Then(400);
        await using FastClient client = Client(limits => limits.PerUser.InFlight = limits.PerTenant.InFlight = 1, mode);

        for (int i = 0; i < 2; i++)
        {
            Func<Task> failing = () => AskAsync(client, By("alice", "acme"), isStreaming);
            (await failing.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        }

        await AskAsync(client, By("alice", "acme"), isStreaming);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Cancelling_frees_the_place(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Client(limits => limits.PerUser.InFlight = 1, mode);
        using var caller = new CancellationTokenSource();
        Task<string> running = AskAsync(client, By("alice"), isStreaming, token: caller.Token);
        await Provider.AttemptReceived(1);
        await RefusedAsync(client, By("alice"), isStreaming);

        await caller.CancelAsync();
        await running.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();

        await AskAsync(client, By("alice"), isStreaming);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stream_that_is_left_frees_the_place(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two ", "three"]);
        await using FastClient client = Client(limits => limits.PerUser.InFlight = 1, mode);
        IAsyncEnumerator<string> stream = client.StreamTextAsync("hi", By("alice")).GetAsyncEnumerator();
        await stream.MoveNextAsync();
        await RefusedAsync(client, By("alice"));

        await stream.DisposeAsync();

        await AskAsync(client, By("alice"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_refused_call_uses_nothing_of_the_other_limits()
    {
        Provider.ThenReply(EmulatedReply.Answer("one").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = Client(limits => (limits.PerUser.InFlight, limits.PerUser.RequestsPerMinute) = (1, 2));
        Task<string> running = AskAsync(client, By("alice"));
        await Provider.AttemptReceived(1);

        for (int i = 0; i < 10; i++) (await RefusedAsync(client, By("alice"))).Message.Should().Contain("InFlight");

        Time.Advance(TimeSpan.FromSeconds(1));
        await running;
        await AskAsync(client, By("alice"));
    }

    [Fact]
    public async Task The_wait_is_guessed_by_how_long_calls_take()
    {
        for (int i = 0; i < 3; i++) Provider.ThenReply(EmulatedReply.Answer("ok").DelayBeforeHeaders(TimeSpan.FromSeconds(8)));
        await using FastClient client = Client(limits => limits.PerUser.InFlight = 2);
        Task<string> first = AskAsync(client, By("alice"));
        await Provider.AttemptReceived(1);
        Time.Advance(TimeSpan.FromSeconds(8));
        await first;
        Task<string>[] running = [AskAsync(client, By("alice")), AskAsync(client, By("alice"))];
        await Provider.AttemptReceived(3);

        (await RefusedAsync(client, By("alice"))).RetryAfter.Should().Be(TimeSpan.FromSeconds(4));

        Time.Advance(TimeSpan.FromSeconds(8));
        await Task.WhenAll(running);
    }
}
