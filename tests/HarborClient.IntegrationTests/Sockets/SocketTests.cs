namespace HarborClient.IntegrationTests.Sockets;

// The public client over real sockets: what the in-memory door cannot show.
public sealed class SocketTests
{
    public static TheoryData<ServerKind> EveryKind => [.. Enum.GetValues<ServerKind>()];

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task A_plain_and_a_streamed_answer_arrive_whole(ServerKind kind)
    {
        var provider = new ProviderEmulator().ThenAnswer("a plain answer 散").ThenAnswer("a streamed answer 散");
        await using SocketClient client = await SocketClient.StartAsync(provider, kind);

        ChatResponse plain = await client.Harbor.GetResponseAsync("hi");
        string streamed = string.Concat(await client.Harbor.StreamTextAsync("hi").ToListAsync());

        plain.Text.Should().Be("a plain answer 散");
        streamed.Should().Be("a streamed answer 散");
        provider.Attempts.Should().OnlyContain(attempt => attempt.HttpVersion == (kind == ServerKind.CallersHandlerHttp2 ? "HTTP/2" : "HTTP/1.1"));
        client.Harbor.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(ServerKind.CallersHandler)]
    [InlineData(ServerKind.CallersHandlerHttp2)]
    public async Task Calls_one_after_the_other_use_one_connection(ServerKind kind)
    {
        await using SocketClient client = await SocketClient.StartAsync(new ProviderEmulator(), kind);

        for (int call = 0; call < 10; call++)
        {
            await client.Harbor.GetResponseAsync("hi");
            await client.Harbor.StreamTextAsync("hi there, how are you").ToListAsync();
        }

        client.Connections.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task Two_hundred_streams_at_once_all_arrive_and_leave_nothing_behind(ServerKind kind)
    {
        const int Streams = 200;
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer(Enumerable.Range(0, 50).Select(i => $"{i} ")).Obfuscation());
        await using SocketClient client = await SocketClient.StartAsync(provider, kind);
        string expected = string.Concat(Enumerable.Range(0, 50).Select(i => $"{i} "));

        List<string>[] answers = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => client.Harbor.StreamTextAsync("hi").ToListAsync()));

        answers.Should().OnlyContain(pieces => string.Concat(pieces) == expected);
        client.Harbor.Outstanding().Should().Be(Outstanding.None);
        provider.Attempts.Should().HaveCount(Streams);
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task Disposing_the_client_ends_a_stream_that_is_being_read(ServerKind kind)
    {
        var provider = new ProviderEmulator().ThenAnswer(["one ", "two "], reply => reply.SilentAfterUpdates(1));
        await using SocketClient client = await SocketClient.StartAsync(provider, kind);
        await using IAsyncEnumerator<string> stream = client.Harbor.StreamTextAsync("hi").GetAsyncEnumerator();
        (await stream.MoveNextAsync()).Should().BeTrue();
        Task<bool> pending = stream.MoveNextAsync().AsTask();

        await client.Harbor.DisposeAsync();

        await pending.Invoking(task => task).Should().ThrowAsync<ObjectDisposedException>();
        await provider.AttemptEnded(1);
        provider.Attempts[0].Outcome.Should().Be(AttemptOutcome.ClientClosed);
        client.Harbor.Outstanding().Should().Be(Outstanding.None);
    }
}
