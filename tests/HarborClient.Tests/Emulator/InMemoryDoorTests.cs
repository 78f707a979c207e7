using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

public sealed class InMemoryDoorTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_read_smaller_than_a_write_gets_the_rest_next()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw("data: abcdef\n\ndata: gh\n\n", "text/event-stream"));

        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[9];
        var reads = new List<string>();
        for (var count = await stream.ReadAsync(buffer); count > 0; count = await stream.ReadAsync(buffer))
        {
            reads.Add(Encoding.UTF8.GetString(buffer, 0, count));
        }

        reads.Should().Equal("data: abc", "def\n\n", "data: gh\n", "\n");
    }

    [Fact]
    public async Task Every_delay_runs_on_the_virtual_clock()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b"], reply => reply
            .DelayBeforeHeaders(TimeSpan.FromSeconds(5))
            .DelayBeforeFirstUpdate(TimeSpan.FromSeconds(7))
            .DelayBetweenUpdates(TimeSpan.FromSeconds(9)));

        var sending = provider.SendAsync(Requests.Chat());
        await _time.TimerSet(TimeSpan.FromSeconds(5));
        sending.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        using var response = await sending;

        var reading = response.ReadsAsync();
        await _time.TimerSet(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(7));
        await _time.TimerSet(TimeSpan.FromSeconds(9));
        _time.Advance(TimeSpan.FromSeconds(9));

        (await reading).Should().HaveCount(5);
        provider.Attempts[0].EndedAt.Should().Be(provider.Attempts[0].ReceivedAt + TimeSpan.FromSeconds(21));
    }

    [Fact]
    public async Task A_slow_answer_arrives_within_one_advance()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c", "d"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        var read = DrainAsync();

        _time.Advance(TimeSpan.FromSeconds(3));

        (await read).Should().Be(_time.GetUtcNow());
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);

        async Task<DateTimeOffset> DrainAsync()
        {
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }

            return _time.GetUtcNow();
        }
    }

    [Fact]
    public async Task Disposing_the_response_early_is_recorded_with_what_was_read()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c"]);
        var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        var opening = await stream.ReadOnceAsync();
        var first = await stream.ReadOnceAsync();

        response.Dispose();

        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        provider.Attempts[0].BytesSent.Should().Be(opening.Length + first.Length);
    }

    [Fact]
    public async Task A_client_that_stops_at_the_done_marker_has_read_it_all()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a"]);
        using (var response = await provider.SendAsync(Requests.Chat()))
        {
            var stream = await response.Content.ReadAsStreamAsync();
            while (await stream.ReadOnceAsync() != "data: [DONE]\n\n")
            {
            }
        }

        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
    }

    [Fact]
    public async Task Cancelling_before_the_headers_throws_with_the_callers_token()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NeverAnswer());
        using var cancellation = new CancellationTokenSource();
        var sending = provider.SendAsync(Requests.Chat(), cancellation.Token);
        await provider.AttemptReceived(1);

        await cancellation.CancelAsync();

        var thrown = await sending.Invoking(task => task).Should().ThrowAsync<TaskCanceledException>();
        thrown.Which.CancellationToken.Should().Be(cancellation.Token);
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        provider.Attempts[0].StatusCode.Should().BeNull();
    }

    [Fact]
    public async Task Cancelling_a_delay_leaves_no_timer_behind()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("x", reply => reply.DelayBeforeHeaders(TimeSpan.FromMinutes(1)));
        using var cancellation = new CancellationTokenSource();
        var sending = provider.SendAsync(Requests.Chat(), cancellation.Token);
        await _time.TimerSet(TimeSpan.FromMinutes(1));

        await cancellation.CancelAsync();

        await sending.Invoking(task => task).Should().ThrowAsync<TaskCanceledException>();
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task Cancelling_a_pending_read_loses_the_connection()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b"], reply => reply.SilentAfterUpdates(1));
        using var cancellation = new CancellationTokenSource();
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadOnceAsync();
        (await stream.ReadOnceAsync()).Should().Contain("\"a\"");
        var reading = stream.ReadAsync(new byte[10], cancellation.Token).AsTask();
        reading.IsCompleted.Should().BeFalse();

        await cancellation.CancelAsync();

        await reading.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    [Fact]
    public async Task A_read_of_no_bytes_waits_for_data_and_takes_none()
    {
        var provider = new ProviderEmulator(_time).ThenRaw("abc", "text/plain");
        using var response = await provider.SendAsync(Requests.Chat());
        var stream = await response.Content.ReadAsStreamAsync();

        (await stream.ReadAsync(Memory<byte>.Empty)).Should().Be(0);

        (await stream.ReadOnceAsync()).Should().Be("abc");
    }

    [Fact]
    public async Task A_buffering_http_client_works_as_well()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello");
        using var client = new HttpClient(provider.CreateHandler()) { BaseAddress = Requests.InMemory };

        using var response = await client.PostAsync(new Uri("chat/completions", UriKind.Relative), new StringContent("{}"));

        (await response.Content.ReadAsStringAsync()).Should().Contain("hello");
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
    }
}
