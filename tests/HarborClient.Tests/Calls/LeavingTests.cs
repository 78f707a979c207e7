using System.Runtime.CompilerServices;
using HarborClient.Testing;

namespace HarborClient.Tests.Calls;

// However a caller leaves a stream, or takes the client away: the host is told, nothing is held, and the next call works.
public sealed class LeavingTests : CallEndings
{
    // A dropped stream is found by the first or second collection; more only on a busy machine.
    private const int MaxCollections = 200;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Left_with_break(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        await foreach (var update in client.GetStreamingResponseAsync("hi"))
        {
            update.Text.Should().Be("one ");
            break;
        }

        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Left_with_an_exception_of_the_consumers(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        await using var client = TestClients.OpenAI(Provider, Time, mode);

        var act = async () =>
        {
            await foreach (var piece in client.StreamTextAsync("hi")) throw new InvalidOperationException(piece);
        };

        await act.Should().ThrowAsync<InvalidOperationException>().WithMessage("one ");
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Disposed_without_having_been_read(PerformanceMode mode)
    {
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();

        await updates.DisposeAsync();

        (await updates.MoveNextAsync()).Should().BeFalse();
        Provider.Attempts.Should().BeEmpty();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Disposed_before_the_tail_was_read(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one"]);
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();

        await updates.DisposeAsync();
        await updates.DisposeAsync();

        (await updates.MoveNextAsync()).Should().BeFalse();
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [InlineData(PerformanceMode.Fast, 0)]
    [InlineData(PerformanceMode.Balanced, 0)]
    [InlineData(PerformanceMode.Full, 0)]
    [InlineData(PerformanceMode.Fast, 1)]
    [InlineData(PerformanceMode.Balanced, 1)]
    [InlineData(PerformanceMode.Full, 1)]
    public async Task Disposed_while_a_read_is_pending(PerformanceMode mode, int updatesBefore)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(updatesBefore));
        await using var client = TestClients.OpenAI(Provider, Time, mode);
        var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        for (var i = 0; i < updatesBefore; i++) await updates.MoveNextAsync();

        var pending = updates.MoveNextAsync();
        await updates.DisposeAsync();

        await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        await Provider.AttemptEnded(1);
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Abandoned_mid_stream_without_dispose(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        using var logs = new RecordedLogs();
        await using var client = TestClients.OpenAI(Provider, Time, mode, builder => builder.UseLoggerFactory(logs));

        ReadOneAndDrop(client);
        client.Outstanding().Exchanges.Should().Be(1);
        for (var i = 0; i < MaxCollections && client.Outstanding() != Outstanding.None; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        client.Outstanding().Should().Be(Outstanding.None);
        Provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        logs.Of(5).Should().ContainSingle("whoever drops a stream is told");
        await AssertNothingIsHeldAsync(client);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task Client_disposed_while_a_read_is_pending(PerformanceMode mode, bool isStreaming)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.SilentAtByte(300));
        var client = TestClients.OpenAI(Provider, Time, mode);

        var pending = AskAsync(client, isStreaming);
        await client.DisposeAsync();

        await pending.Invoking(task => task.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Client_disposed_while_nobody_reads(PerformanceMode mode)
    {
        Provider.ThenAnswer(["one ", "two"], reply => reply.DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        var client = TestClients.OpenAI(Provider, Time, mode);
        await using var updates = client.StreamTextAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        client.Dispose();
        client.Dispose();
        var read = async () => await updates.MoveNextAsync();
        var next = () => client.GetResponseAsync("hi");

        await read.Should().ThrowAsync<ObjectDisposedException>();
        await next.Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadOneAndDrop(FastClient client)
    {
        var updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        var read = updates.MoveNextAsync().AsTask();
        read.IsCompletedSuccessfully.Should().BeTrue("the emulator answers in memory");
    }
}
