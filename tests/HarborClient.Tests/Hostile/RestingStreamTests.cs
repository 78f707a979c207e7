using HarborClient.Testing;

namespace HarborClient.Tests.Hostile;

// A stream that nobody reads at the moment still ends when its client, its time or its caller does.
public sealed class RestingStreamTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task The_clients_disposal_closes_the_exchange_at_once(PerformanceMode mode)
    {
        ProviderEmulator provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        FastClient client = TestClients.OpenAI(provider, _time, mode);
        await using IAsyncEnumerator<string> pieces = client.StreamTextAsync("hi").GetAsyncEnumerator();
        (await pieces.MoveNextAsync()).Should().BeTrue();

        client.Dispose();

        await provider.AttemptEnded(1).Guarded();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Outstanding().Exchanges.Should().Be(0);
        Func<Task> read = async () => await pieces.MoveNextAsync();
        await read.Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task The_Total_clock_closes_the_exchange_at_once(PerformanceMode mode)
    {
        ProviderEmulator provider = new ProviderEmulator(_time).ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);
        await using IAsyncEnumerator<string> pieces = client.StreamTextAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) }).GetAsyncEnumerator();
        (await pieces.MoveNextAsync()).Should().BeTrue();

        _time.Advance(TimeSpan.FromSeconds(5));

        await provider.AttemptEnded(1).Guarded();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Outstanding().Exchanges.Should().Be(0);
        HarborException error = await HostileClients.ErrorAsync(async () => await pieces.MoveNextAsync());
        ((error as HarborTimeoutException) ?? error.InnerException).Should().BeOfType<HarborTimeoutException>().Which.Clock.Should().Be(HarborClock.Total);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task Between_two_updates_that_have_arrived_the_callers_token_is_seen(PerformanceMode mode)
    {
        string body = Wire.Repeated(Wire.Event("a"), 20) + Wire.End;
        await using FastClient client = HostileClients.One(HostileHandler.Answering(body, Wire.EventStream), _time, mode);
        using var ofUpdates = new CancellationTokenSource();
        using var ofTexts = new CancellationTokenSource();
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi", null, ofUpdates.Token).GetAsyncEnumerator(CancellationToken.None);
        await using IAsyncEnumerator<string> texts = client.StreamTextAsync("hi", null, ofTexts.Token).GetAsyncEnumerator(CancellationToken.None);
        await updates.MoveNextAsync();
        await texts.MoveNextAsync();

        await ofUpdates.CancelAsync();
        await ofTexts.CancelAsync();

        Func<Task> nextUpdate = async () => await updates.MoveNextAsync();
        Func<Task> nextText = async () => await texts.MoveNextAsync();
        (await nextUpdate.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(ofUpdates.Token);
        (await nextText.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(ofTexts.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task Between_two_updates_that_have_arrived_the_clients_disposal_is_seen(PerformanceMode mode)
    {
        string body = Wire.Repeated(Wire.Event("a"), 20) + Wire.End;
        FastClient client = HostileClients.One(HostileHandler.Answering(body, Wire.EventStream), _time, mode);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();

        client.Dispose();

        Func<Task> read = async () => await updates.MoveNextAsync();
        await read.Should().ThrowAsync<ObjectDisposedException>();
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
