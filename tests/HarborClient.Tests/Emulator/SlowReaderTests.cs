using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// A host that takes the request body a few bytes at a time, by the emulator's clock on both doors.
public sealed class SlowReaderTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(4, 4, 0)]
    [InlineData(5, 4, 1)]
    [InlineData(8, 4, 1)]
    [InlineData(10, 4, 2)]
    [InlineData(10, 1, 9)]
    public async Task The_answer_comes_after_a_pause_between_every_two_reads(int bodyBytes, int bytesPerRead, int pauses)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ReadBodySlowly(bytesPerRead, Pause));

        var sending = provider.SendAsync(Bytes(new byte[bodyBytes]));
        for (var i = 0; i < pauses; i++)
        {
            sending.IsCompleted.Should().BeFalse();
            provider.Attempts[0].Body.Should().BeEmpty();
            await _time.TimerSet(Pause);
            _time.Advance(Pause);
        }

        using var response = await sending;
        await response.Content.ReadAsStringAsync();
        provider.Attempts[0].Body.Should().HaveCount(bodyBytes);
        provider.Attempts[0].EndedAt.Should().Be(provider.Attempts[0].ReceivedAt + (pauses * Pause));
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
    }

    [Fact]
    public async Task The_reads_do_not_depend_on_the_clients_writes()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ReadBodySlowly(4, Pause));
        var content = new PiecewiseContent(3, 3, 3);

        var sending = provider.SendAsync(With(content));
        var written = new List<int> { content.PiecesWritten };
        for (var i = 0; i < 2; i++)
        {
            await _time.TimerSet(Pause);
            _time.Advance(Pause);
            written.Add(content.PiecesWritten);
        }

        using var response = await sending;
        written.Should().Equal(1, 2, 3);
        provider.Attempts[0].Body.Should().Equal(0, 0, 0, 1, 1, 1, 2, 2, 2);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_is_recorded_and_leaves_no_timer()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ReadBodySlowly(4, Pause));
        using var cancellation = new CancellationTokenSource();
        var sending = provider.SendAsync(Bytes(new byte[10]), cancellation.Token);
        await _time.TimerSet(Pause);

        await cancellation.CancelAsync();

        await sending.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        provider.Attempts[0].Body.Should().BeEmpty();
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_host_can_answer_first_and_then_read_slowly()
    {
        var reply = EmulatedReply.Error(429).AnswerBeforeReadingBody(readAfterReply: true).ReadBodySlowly(6, Pause);
        var provider = new ProviderEmulator(_time).ThenReply(reply);

        using var response = await provider.SendAsync(Bytes(new byte[10]));
        await response.Content.ReadAsStringAsync();
        var bodyBefore = provider.Attempts[0].Body;
        await _time.TimerSet(Pause);
        _time.Advance(Pause);

        await provider.BodyRead(1);
        response.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        bodyBefore.Should().BeEmpty();
        provider.Attempts[0].Body.Should().HaveCount(10);
    }

    [Fact]
    public async Task A_rule_cannot_read_slowly_what_it_has_read()
    {
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer("x").ReadBodySlowly(4, Pause));

        var sending = () => provider.SendAsync(Requests.Chat());

        await sending.Should().ThrowAsync<InvalidOperationException>().WithMessage("ReadBodySlowly*");
    }

    [Fact]
    public void A_read_takes_at_least_one_byte_and_no_pause_is_negative()
    {
        var noBytes = () => new EmulatedReply().ReadBodySlowly(0, Pause);
        var backwards = () => new EmulatedReply().ReadBodySlowly(1, -Pause);

        noBytes.Should().Throw<ArgumentOutOfRangeException>();
        backwards.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(true, "2.0")]
    public async Task On_a_socket_the_answer_waits_for_the_same_pauses(bool useTls, string version)
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ReadBodySlowly(4, Pause));
        await using var server = await provider.StartAsync(useTls);
        using var client = new HttpClient(server.CreateTrustingHandler());
        var request = With(new PiecewiseContent(3, 3, 3), server.Endpoint);
        request.Version = Version.Parse(version);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        var sending = client.SendAsync(request);
        for (var i = 0; i < 2; i++)
        {
            await _time.TimerSet(Pause);
            sending.IsCompleted.Should().BeFalse();
            provider.Attempts[0].Body.Should().BeEmpty();
            _time.Advance(Pause);
        }

        using var response = await sending;
        (await response.Content.ReadAsStringAsync()).Should().Contain("hello");
        provider.Attempts[0].Body.Should().Equal(0, 0, 0, 1, 1, 1, 2, 2, 2);
        await provider.AttemptEnded(1);
        provider.Attempts[0].EndedAt.Should().Be(provider.Attempts[0].ReceivedAt + (2 * Pause));
    }

    [Fact]
    public async Task On_a_socket_a_client_that_leaves_in_the_middle_is_recorded()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("hello", reply => reply.ReadBodySlowly(4, Pause));
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();
        using var cancellation = new CancellationTokenSource();
        var sending = client.SendAsync(Bytes(new byte[10], server.Endpoint), cancellation.Token);
        await _time.TimerSet(Pause);

        await cancellation.CancelAsync();

        await sending.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    private static HttpRequestMessage Bytes(byte[] body, Uri? endpoint = null) => With(new ByteArrayContent(body), endpoint);

    private static HttpRequestMessage With(HttpContent content, Uri? endpoint = null)
        => new(HttpMethod.Post, new Uri(endpoint ?? Requests.InMemory, "chat/completions")) { Content = content };

    // One write a piece; the bytes of each are its number.
    private sealed class PiecewiseContent(params int[] lengths) : HttpContent
    {
        public int PiecesWritten { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 0; i < lengths.Length; i++)
            {
                await stream.WriteAsync(Enumerable.Repeat((byte)i, lengths[i]).ToArray()).ConfigureAwait(false);
                PiecesWritten++;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = lengths.Sum();
            return true;
        }
    }
}
