using System.Net;
using System.Net.Sockets;
using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// The same script behind a real port. Time is real here: no test waits for a delay.
public sealed class SocketDoorTests
{
    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task A_streamed_answer_arrives_whole(bool useTls, string version)
    {
        var provider = new ProviderEmulator(new ManualTimeProvider()).ThenAnswer("hello big world").ThenAnswer("hello big world");
        await using var server = await provider.StartAsync(useTls);
        using var client = new HttpClient(server.CreateTrustingHandler());
        var request = Requests.Chat(endpoint: server.Endpoint);
        request.Version = Version.Parse(version);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();

        response.Version.Should().Be(Version.Parse(version));
        body.Should().Be((await provider.AskAsync(Requests.Chat())).Replace("emulated-2", "emulated-1", StringComparison.Ordinal));
        provider.Attempts[0].Model.Should().Be("gpt-5-mini");
        provider.Attempts[0].HttpVersion.Should().Be(version == "2.0" ? "HTTP/2" : "HTTP/1.1");
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Completed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_serves_one_request_after_another(bool isChunked)
    {
        var provider = new ProviderEmulator();
        await using var server = await provider.StartAsync();
        var connections = 0;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                connections++;
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        for (var i = 0; i < 3; i++)
        {
            var request = Requests.Chat(endpoint: server.Endpoint);
            request.Headers.TransferEncodingChunked = isChunked;
            using var response = await client.SendAsync(request);
            (await response.Content.ReadAsStringAsync()).Should().EndWith("data: [DONE]\n\n");
        }

        connections.Should().Be(1);
        provider.Attempts.Should().HaveCount(3).And.OnlyContain(attempt => attempt.Model == "gpt-5-mini");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_a_silent_stream_is_recorded(bool useTls)
    {
        var provider = new ProviderEmulator().ThenAnswer(["a", "b"], reply => reply.SilentAfterUpdates(1));
        await using var server = await provider.StartAsync(useTls);
        using var client = new HttpClient(server.CreateTrustingHandler()) { DefaultRequestVersion = HttpVersion.Version20 };
        using var cancellation = new CancellationTokenSource();
        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint), HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadOnceAsync();
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.InProgress);

        // A read that is cancelled closes at once; a mere Dispose would first try to drain the body.
        var reading = stream.CopyToAsync(Stream.Null, cancellation.Token);
        await cancellation.CancelAsync();

        await reading.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    [Fact]
    public async Task A_client_that_gives_up_waiting_for_headers_is_recorded()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().NeverAnswer());
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();
        using var cancellation = new CancellationTokenSource();
        var sending = client.SendAsync(Requests.Chat(endpoint: server.Endpoint), cancellation.Token);
        await provider.AttemptReceived(1);

        await cancellation.CancelAsync();

        await sending.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    [Fact]
    public async Task A_reset_before_the_headers_and_one_in_the_body_reach_the_client()
    {
        var provider = new ProviderEmulator().ThenReply(new EmulatedReply().AbortWhenBodyRead()).ThenAnswer(["a", "b"], reply => reply.ResetAfterUpdates(1));
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        var before = () => client.SendAsync(Requests.Chat(endpoint: server.Endpoint));
        await before.Should().ThrowAsync<HttpRequestException>();
        var (received, error) = await ReadUntilErrorAsync(client, Requests.Chat(endpoint: server.Endpoint));

        error.Should().Match(e => e is HttpRequestException || e is IOException);
        received.Should().BeLessThanOrEqualTo(provider.Attempts[1].BytesSent);
        provider.Attempts.Select(attempt => attempt.Outcome).Should().Equal(AttemptOutcome.Reset, AttemptOutcome.Reset);
    }

    [Fact]
    public async Task A_cut_body_ends_cleanly()
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.CutAtByte(100));
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint));

        (await response.Content.ReadAsStringAsync()).Length.Should().Be(100);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Cut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_content_length_that_promises_too_much_breaks_the_body(bool useTls)
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw("abc", "text/plain").ContentLengthMismatch());
        await using var server = await provider.StartAsync(useTls);
        using var client = new HttpClient(server.CreateTrustingHandler());

        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint), HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync();
        var received = new byte[3];
        await stream.ReadExactlyAsync(received);

        response.Content.Headers.ContentLength.Should().Be(13);
        Encoding.UTF8.GetString(received).Should().Be("abc");
        var thrown = await stream.Invoking(s => s.ReadOnceAsync()).Should().ThrowAsync<HttpIOException>();
        thrown.Which.HttpRequestError.Should().Be(HttpRequestError.ResponseEnded);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.Reset);
    }

    [Fact]
    public async Task A_content_length_that_promises_too_much_ends_the_stream_of_HTTP_2()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Raw("abc", "text/plain").ContentLengthMismatch());
        await using var server = await provider.StartAsync(useTls: true);
        using var client = new HttpClient(server.CreateTrustingHandler());
        var request = Requests.Chat(endpoint: server.Endpoint);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        var (_, error) = await ReadUntilErrorAsync(client, request);

        error.Should().Match(e => e is HttpRequestException || e is IOException);
    }

    [Fact]
    public async Task A_connection_that_ends_early_does_not_wait_for_a_request_that_nobody_reads()
    {
        var reply = EmulatedReply.Raw("abc", "text/plain").ContentLengthMismatch().AnswerBeforeReadingBody();
        var provider = new ProviderEmulator().ThenReply(reply);
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        var (received, error) = await ReadUntilErrorAsync(client, Requests.Chat(endpoint: server.Endpoint)).WaitAsync(TimeSpan.FromSeconds(10));

        error.Should().Match(e => e is HttpRequestException || e is IOException);
        received.Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_gzip_body_is_unpacked_by_the_socket_handler()
    {
        var provider = new ProviderEmulator().ThenAnswer("hello", reply => reply.GzipBody());
        await using var server = await provider.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip });

        var body = await (await client.SendAsync(Requests.Chat(endpoint: server.Endpoint))).Content.ReadAsStringAsync();

        body.Should().EndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task Disposing_the_server_breaks_off_what_is_in_flight()
    {
        var provider = new ProviderEmulator().ThenAnswer(["a"], reply => reply.SilentAfterUpdates(1));
        var server = await provider.StartAsync();
        using var client = new HttpClient();
        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint), HttpCompletionOption.ResponseHeadersRead);

        await server.DisposeAsync();

        await response.Content.Invoking(content => content.ReadAsStringAsync()).Should().ThrowAsync<HttpRequestException>();
        provider.InFlight.Should().Be(0);
    }

    [Fact]
    public async Task A_server_can_come_back_on_the_same_port()
    {
        var provider = new ProviderEmulator();
        var first = await provider.StartAsync();
        await first.DisposeAsync();
        using var client = new HttpClient();

        var whileDown = () => client.SendAsync(Requests.Chat(endpoint: first.Endpoint));
        await whileDown.Should().ThrowAsync<HttpRequestException>();
        await using var second = await provider.StartAsync(port: first.Endpoint.Port);
        using var response = await client.SendAsync(Requests.Chat(endpoint: first.Endpoint));

        second.Endpoint.Should().Be(first.Endpoint);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_rule_that_throws_is_a_500_that_says_so()
    {
        var provider = new ProviderEmulator().Respond(_ => throw new InvalidOperationException("broken rule"));
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        using var response = await client.SendAsync(Requests.Chat(endpoint: server.Endpoint));

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).Should().Contain("broken rule");
    }

    [Fact]
    public async Task Both_doors_share_one_script()
    {
        var provider = new ProviderEmulator().ThenAnswer("first").ThenAnswer("second");
        await using var server = await provider.StartAsync();
        using var client = new HttpClient();

        var onSocket = await (await client.SendAsync(Requests.Chat(isStreaming: false, endpoint: server.Endpoint))).Content.ReadAsStringAsync();
        var inMemory = await provider.AskAsync(Requests.Chat(isStreaming: false));

        onSocket.Should().Contain("first");
        inMemory.Should().Contain("second");
        provider.Attempts.Select(attempt => attempt.Number).Should().Equal(1, 2);
    }

    // A reset may overtake anything that was sent before it, even the headers: a socket promises no more than an error. In memory the place is exact.
    private static async Task<(long Received, Exception? Error)> ReadUntilErrorAsync(HttpClient client, HttpRequestMessage request)
    {
        using var received = new MemoryStream();
        var error = await Record.ExceptionAsync(async () =>
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await (await response.Content.ReadAsStreamAsync()).CopyToAsync(received);
        });
        return (received.Length, error);
    }
}
