using System.Text;
using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Transport;

// Whatever a handler does with the body, a host never reads another call's bytes. Buffers are overwritten on return in all tests.
public sealed class RequestBodyTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_that_answers_429_early_and_reads_on_reads_its_own_request(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());
        await using var client = TestClients.OpenAI(provider, _time, mode);
        var early = () => client.GetResponseAsync("the early prompt");
        await early.Should().ThrowAsync<HarborException>();
        var heldWhileTheHostReads = client.Outstanding();

        for (var i = 0; i < 50; i++) await client.GetResponseAsync($"a later prompt {i}");
        provider.FinishReadingBodies();
        await provider.BodyRead(1);

        var read = JsonDocument.Parse(provider.Attempts[0].Body).RootElement;
        read.GetProperty("messages")[0].GetProperty("content").GetString().Should().Be("the early prompt");
        heldWhileTheHostReads.Should().Be(new Outstanding(Calls: 0, Permits: 0, Buffers: 1, Exchanges: 0), "the body stays rented while it is being sent");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Many_hosts_that_read_late_all_read_their_own_requests()
    {
        var provider = new ProviderEmulator(_time);
        for (var i = 0; i < 20; i++) provider.ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());
        await using var client = TestClients.Fast(provider, _time);
        for (var i = 0; i < 20; i++)
        {
            var number = i;
            await FluentActions.Awaiting(() => client.GetResponseAsync($"prompt {number} {new string('x', number * 400)}")).Should().ThrowAsync<HarborException>();
        }

        provider.FinishReadingBodies();
        for (var i = 1; i <= 20; i++) await provider.BodyRead(i);

        provider.Attempts.Select(attempt => attempt.BodyJson!.Value.GetProperty("messages")[0].GetProperty("content").GetString())
            .Should().Equal(Enumerable.Range(0, 20).Select(i => $"prompt {i} {new string('x', i * 400)}"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Over_HTTP_2_a_host_that_answers_early_reads_its_own_request_or_a_beginning_of_it()
    {
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Error(429).AnswerBeforeReadingBody());
        await using var server = await provider.StartAsync(useTls: true);
        using var handler = server.CreateTrustingHandler();
        await using var client = FastClient.Create(builder => builder.AddLocal("lab", server.Endpoint, local => local.SendOnceThrough(handler)).UseDefaultModel("lab/model"));

        // Larger than the window a host opens, so that the handler is still sending when the answer is here.
        var prompt = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i} "));

        await FluentActions.Awaiting(() => client.GetResponseAsync(prompt).Guarded()).Should().ThrowAsync<HarborException>();
        for (var i = 0; i < 20; i++) await client.GetResponseAsync($"a later prompt {i}").Guarded();
        provider.FinishReadingBodies();
        await provider.AttemptEnded(1);

        provider.Attempts[0].HttpVersion.Should().Be("HTTP/2");
        $"{{\"model\":\"model\",\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}]}}".Should().StartWith(provider.Attempts[0].BodyText);
        client.Outstanding().Exchanges.Should().Be(0);
    }

    [Fact]
    public async Task A_handler_may_serialize_the_body_twice()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("fine");
        using var handler = new ObservingHandler(provider.CreateHandler()) { ReadsFirst = true };
        await using var client = TestClients.OpenAI(handler, _time);

        var answer = await client.GetResponseAsync("hi");

        answer.Text.Should().Be("fine");
        handler.Read.Should().Equal(provider.Attempts[0].Body);
        Encoding.UTF8.GetString(handler.Read).Should().Contain("\"content\":\"hi\"");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_handler_that_serializes_after_the_attempt_has_ended_gets_an_exception_and_no_bytes()
    {
        var provider = new ProviderEmulator(_time);
        using var handler = new ObservingHandler(provider.CreateHandler());
        await using var client = TestClients.OpenAI(handler, _time);
        await client.GetResponseAsync("hi");
        using var target = new MemoryStream();

        var act = () => handler.Content!.CopyToAsync(target);

        await act.Should().ThrowAsync<Exception>();
        target.Length.Should().Be(0);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_length_of_the_body_is_announced()
    {
        var provider = new ProviderEmulator(_time);
        await using var client = TestClients.Balanced(provider, _time);

        await client.GetResponseAsync("größer 空");

        provider.Attempts[0].Headers["content-length"].Should().Be($"{provider.Attempts[0].Body.Length}");
        provider.Attempts[0].Headers["content-type"].Should().Be("application/json");
        provider.Attempts[0].BodyJson!.Value.GetProperty("messages")[0].GetProperty("content").GetString().Should().Be("größer 空");
    }

    // Looks at the body before the inner handler does, and keeps the content.
    private sealed class ObservingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool ReadsFirst { get; init; }

        public byte[] Read { get; private set; } = [];

        public HttpContent? Content { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Content = request.Content;
            if (ReadsFirst)
            {
                using var copy = new MemoryStream();
                await request.Content!.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
                Read = copy.ToArray();
            }

            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
