using HarborClient.Testing;

namespace HarborClient.Tests.Hostile;

// A credential function that never answers and does not look at its token holds up nobody.
public sealed class DeafCredentialTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource<string> _credential = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HostileHandler _host = HostileHandler.Answering(Wire.Whole("late"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_ends_the_call(bool isStreaming)
    {
        await using FastClient client = Create();
        using var caller = new CancellationTokenSource();

        Task<string> pending = client.TextAsync(isStreaming, token: caller.Token);
        await caller.CancelAsync();

        (await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        AssertNothingWasSent(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_Total_clock_ends_the_call(bool isStreaming)
    {
        await using FastClient client = Create();

        Task<string> pending = client.TextAsync(isStreaming, options: new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(7) });
        await _time.TimerSet(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(7));

        (await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        AssertNothingWasSent(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_clients_disposal_ends_the_call(bool isStreaming)
    {
        FastClient client = Create();

        Task<string> pending = client.TextAsync(isStreaming);
        client.Dispose();

        await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        AssertNothingWasSent(client);
    }

    // Also when the credential comes after all.
    private void AssertNothingWasSent(FastClient client)
    {
        client.Outstanding().Should().Be(Outstanding.None);
        _credential.SetResult("sk-late");
        _host.Requests.Should().BeEmpty();
    }

    private FastClient Create() => HostileClients.One(_host, _time, options: openAI => openAI.UseCredential(_ => new ValueTask<string>(_credential.Task)));
}
