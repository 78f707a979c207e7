using System.Runtime.CompilerServices;
using HarborClient.Testing;
using HarborClient.Tests.Pipeline;

namespace HarborClient.Tests.Hostile;

// Code of others that throws where nobody expects it: callbacks on the token, readers that do not close. No process ends, and no error is replaced.
public sealed class FaultyCodeTests
{
    private const int MaxCollections = 200;

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_throwing_callback_does_not_replace_the_clock(bool isStreaming)
    {
        await using FastClient client = HostileClients.One(HostileHandler.Waiting(Trap), _time);

        Task<string> pending = client.TextAsync(isStreaming, options: new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(7) });
        await _time.TimerSet(TimeSpan.FromSeconds(7));
        Action expiry = () => _time.Advance(TimeSpan.FromSeconds(7));

        expiry.Should().NotThrow("a timer's exception ends the process");
        (await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_throwing_callback_does_not_reach_a_caller_who_cancels(bool isStreaming)
    {
        await using FastClient client = HostileClients.One(HostileHandler.Waiting(Trap), _time);
        using var caller = new CancellationTokenSource();

        Task<string> pending = client.TextAsync(isStreaming, token: caller.Token);
        Action cancel = () => caller.Cancel();

        cancel.Should().NotThrow();
        (await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_throwing_callback_does_not_come_out_of_the_clients_disposal(bool isStreaming)
    {
        FastClient client = HostileClients.One(HostileHandler.Waiting(Trap), _time);
        Task<string>[] pending = [client.TextAsync(isStreaming), client.TextAsync(isStreaming)];

        client.Invoking(it => it.Dispose()).Should().NotThrow();

        foreach (Task<string> call in pending) await call.Awaiting(task => task.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
        await using FastClient second = HostileClients.One(HostileHandler.Answering(Wire.Whole("fine")), _time);
        (await second.TextAsync(isStreaming)).Should().Be("fine");
    }

    [Fact]
    public async Task A_throwing_callback_does_not_reach_a_caller_who_leaves()
    {
        await using FastClient client = HostileClients.One(HostileHandler.Waiting(Trap), _time);
        IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();

        Task<bool> pending = updates.MoveNextAsync().AsTask();
        Func<Task> leave = () => updates.DisposeAsync().AsTask().Guarded();

        await leave.Should().NotThrowAsync();
        await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call)]
    [InlineData(StageScope.Attempt)]
    public async Task A_reader_that_does_not_close_does_not_replace_the_interruption(StageScope scope)
    {
        await using FastClient client = HostileClients.One(HostileHandler.Answering(Wire.Event("half"), Wire.EventStream), configure: builder => NeverClosing(builder, scope));

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming: true));

        error.Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be("half");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(StageScope.Call)]
    [InlineData(StageScope.Attempt)]
    public async Task A_reader_that_does_not_close_when_its_stream_is_dropped_ends_no_process(StageScope scope)
    {
        using var logs = new RecordedLogs();
        await using FastClient client = HostileClients.One(
            HostileHandler.Streaming(() => new HostileBody(Wire.Event("a") + Wire.Event("b"), Wire.Event("a").Length) { AtEnd = HostileBody.Stall }),
            configure: builder => NeverClosing(builder.UseLoggerFactory(logs), scope));

        ReadOneAndDrop(client);
        for (int i = 0; i < MaxCollections && client.Outstanding() != Outstanding.None; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        client.Outstanding().Should().Be(Outstanding.None);
        logs.Of(5).Should().ContainSingle("whoever drops a stream is told");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completion_that_throws_takes_nothing_from_the_answer(bool isStreaming)
    {
        await using FastClient client = HostileClients.One(
            HostileHandler.Answering(Wire.Whole("fine")),
            configure: builder => builder.AddStage(StageScope.Call, (next, call) =>
            {
                call.OnCompleted(new DelegateCompletion((_, _) => throw new InvalidOperationException("bug in a completion")));
                return next.OpenAsync(call);
            }));

        (await client.TextAsync(isStreaming)).Should().Be("fine");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static void Trap(CancellationToken token) => token.Register(() => throw new InvalidOperationException("bug in a callback"));

    private static void NeverClosing(HarborBuilder builder, StageScope scope) =>
        builder.AddStage(scope, async (next, call) => new PassingReader(await next.OpenAsync(call), () => throw new IOException("bug in a reader")));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadOneAndDrop(FastClient client)
    {
        IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        Task<bool> read = updates.MoveNextAsync().AsTask();
        read.IsCompletedSuccessfully.Should().BeTrue("the host answers in memory");
    }
}
