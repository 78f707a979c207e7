using System.Diagnostics;
using HarborClient.Testing;

namespace HarborClient.Tests.Transport;

// The process's shared handlers, over real sockets, and handlers of the caller's.
public sealed class HandlerTests
{
    private const string Completion = """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_callers_handler_is_never_disposed()
    {
        var provider = new ProviderEmulator(_time);
        var handler = new DisposalHandler(provider.CreateHandler());
        var client = TestClients.OpenAI(handler, _time);
        await client.GetResponseAsync("hi");

        client.Dispose();
        await client.DisposeAsync();
        await using var next = TestClients.OpenAI(handler, _time);
        var answer = await next.GetResponseAsync("again");

        handler.Disposals.Should().Be(0);
        answer.Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Two_clients_to_one_origin_share_connections_and_the_last_one_closes_them()
    {
        await using var host = new LoopbackHost("HTTP/1.1 200 OK\r\ncontent-type: application/json", Completion);
        var first = Local(host.Endpoint);
        var second = Local(host.Endpoint);

        for (var i = 0; i < 5; i++)
        {
            await first.GetResponseAsync("hi").Guarded();
            await second.GetResponseAsync("hi").Guarded();
        }

        await first.DisposeAsync();
        await second.GetResponseAsync("hi").Guarded();
        var whileShared = host.Connections;
        await second.DisposeAsync();
        await using var third = Local(host.Endpoint);
        await third.GetResponseAsync("hi").Guarded();

        whileShared.Should().Be(1);
        host.Connections.Should().Be(2);
        host.Heads.Should().HaveCount(12);
    }

    [Fact]
    public async Task Clients_with_other_connection_settings_do_not_share()
    {
        await using var host = new LoopbackHost("HTTP/1.1 200 OK\r\ncontent-type: application/json", Completion);
        await using var first = Local(host.Endpoint);
        await using var second = Local(host.Endpoint, local => local.Transport.MaxConnectionsPerServer = 7);

        await first.GetResponseAsync("hi").Guarded();
        await second.GetResponseAsync("hi").Guarded();

        host.Connections.Should().Be(2);
    }

    [Fact]
    public async Task A_connection_serves_the_next_call_after_a_stream_read_to_its_end()
    {
        var events = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        await using var host = new LoopbackHost("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream", events);
        await using var client = Local(host.Endpoint);

        for (var i = 0; i < 5; i++) (await client.StreamTextAsync("hi").ToListAsync().Guarded()).Should().Equal("fine");

        host.Connections.Should().Be(1);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_a_configuration_error_that_names_Endpoint_and_nothing_is_sent_to_the_new_address(int status)
    {
        var elsewhere = new ProviderEmulator();
        await using var elsewhereServer = await elsewhere.StartAsync();
        var provider = new ProviderEmulator().Otherwise(new EmulatedReply().RedirectTo(new Uri(elsewhereServer.Endpoint, "chat/completions?token=secret"), status));
        await using var server = await provider.StartAsync();
        await using var client = Local(server.Endpoint);

        foreach (var act in new Func<Task>[] { () => client.GetResponseAsync("hi").Guarded(), () => client.StreamTextAsync("hi").ToListAsync().Guarded() })
        {
            var error = (await act.Should().ThrowAsync<HarborException>()).Which;
            error.Kind.Should().Be(ErrorKind.Configuration);
            error.IsTransient.Should().BeFalse();
            ((int?)error.StatusCode).Should().Be(status);
            error.Message.Should().Contain("Endpoint").And.Contain($"{elsewhereServer.Endpoint.Port}").And.NotContain("secret");
        }

        elsewhere.Attempts.Should().BeEmpty();
        provider.Attempts.Should().HaveCount(2);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_redirect_without_a_location_is_the_same_error()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Raw("moved", "text/plain", 300));
        await using var client = TestClients.Balanced(provider, _time);

        var act = () => client.GetResponseAsync("hi");

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("nowhere");
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        await using var host = new LoopbackHost("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: session=1; Path=/", Completion);
        await using var client = Local(host.Endpoint);

        await client.GetResponseAsync("hi").Guarded();
        await client.GetResponseAsync("hi").Guarded();

        host.Heads.Should().HaveCount(2).And.OnlyContain(head => !head.Contains("cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Plain_calls_ask_for_compression_and_unpack_it_and_streams_do_not_ask()
    {
        var provider = new ProviderEmulator().ThenAnswer("packed", reply => reply.GzipBody()).ThenAnswer("streamed");
        await using var server = await provider.StartAsync();
        await using var client = Local(server.Endpoint);

        var plain = await client.GetResponseAsync("hi").Guarded();
        var streamed = await client.StreamTextAsync("hi").ToListAsync().Guarded();

        plain.Text.Should().Be("packed");
        string.Concat(streamed).Should().Be("streamed");
        provider.Attempts[0].Headers["accept-encoding"].Should().Be("gzip, br");
        provider.Attempts[1].Headers.Should().NotContainKey("accept-encoding");
        provider.Attempts[1].Headers["accept"].Should().Be("text/event-stream");
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)]
    [InlineData(false, null, false)]
    [InlineData(false, true, true)]
    public async Task The_trace_context_goes_to_local_hosts_only_unless_asked(bool isLocal, bool? asked, bool isSent)
    {
        var provider = new ProviderEmulator();
        await using var server = await provider.StartAsync();
        await using var client = FastClient.Create(builder =>
        {
            if (isLocal) builder.AddLocal("lab", server.Endpoint, local => local.Transport.PropagateTraceContext = asked);
            else builder.AddOpenAI("sk-test-7Qm2xWv9", openAI => (openAI.Endpoint, openAI.Transport.PropagateTraceContext) = (server.Endpoint, asked));
            builder.UseDefaultModel(isLocal ? "lab/model" : "openai/model");
        });
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();

        await client.GetResponseAsync("hi").Guarded();

        provider.Attempts[0].Headers.ContainsKey("traceparent").Should().Be(isSent);
        if (isSent) provider.Attempts[0].Headers["traceparent"].Should().Contain(activity.TraceId.ToHexString());
    }

    // The library's own handler over HTTP/2 would have to trust the emulator's certificate; the integration tests measure it in a process of its own.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Leaving_a_stream_closes_the_exchange_on_a_real_socket(bool isCallersHandler, bool useHttp2)
    {
        var provider = new ProviderEmulator().ThenAnswer(["one ", "two"], reply => reply.SilentAfterUpdates(1));
        await using var server = await provider.StartAsync(useTls: useHttp2);
        using var handler = server.CreateTrustingHandler();
        await using var client = FastClient.Create(builder => builder.AddLocal("lab", server.Endpoint, local =>
        {
            if (isCallersHandler) local.SendOnceThrough(handler);
        }).UseDefaultModel("lab/model"));

        await foreach (var piece in client.StreamTextAsync("hi"))
        {
            piece.Should().Be("one ");
            break;
        }

        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        provider.Attempts[0].HttpVersion.Should().Be(useHttp2 ? "HTTP/2" : "HTTP/1.1");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Nobody_listening_is_a_network_error_that_names_the_address()
    {
        Uri endpoint;
        await using (var host = new LoopbackHost("", "")) endpoint = host.Endpoint;
        await using var client = Local(endpoint);

        var act = () => client.GetResponseAsync("hi").Guarded();

        var error = (await act.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Network);
        error.IsTransient.Should().BeTrue();
        error.Message.Should().Contain($"{endpoint.Port}").And.Contain("Endpoint");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static FastClient Local(Uri endpoint, Action<LocalOptions>? options = null) =>
        FastClient.Create(builder => builder.AddLocal("lab", endpoint, options).UseDefaultModel("lab/model"));

    private sealed class DisposalHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public int Disposals { get; private set; }

        protected override void Dispose(bool disposing)
        {
            Disposals++;
            base.Dispose(disposing);
        }
    }
}
