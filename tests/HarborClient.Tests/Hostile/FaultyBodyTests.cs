namespace HarborClient.Tests.Hostile;

// Bodies of a caller's handler that throw where streams seldom do.
public sealed class FaultyBodyTests
{
    public static TheoryData<PerformanceMode, bool> ModesAndWays
    {
        get
        {
            var data = new TheoryData<PerformanceMode, bool>();
            foreach ((PerformanceMode mode, bool isStreaming) in HostileClients.Ways) data.Add(mode, isStreaming);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task Leaving_a_stream_whose_body_does_not_close(PerformanceMode mode)
    {
        string body = Wire.Event("a") + Wire.Event("b");
        await using FastClient client = HostileClients.One(HostileHandler.Streaming(() => new HostileBody(body, Wire.Event("a").Length) { AtEnd = HostileBody.Stall, OnDispose = Fail }), mode: mode);

        Func<Task> leave = async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi")) break;
        };

        await leave.Should().NotThrowAsync();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_whole_answer_stays_one_when_its_body_does_not_close(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(new HostileHandler(() => Wire.Reply(new HostileBody(Wire.Whole("whole")) { OnDispose = Fail }, Wire.Json)), mode: mode);

        (await client.TextAsync(isStreaming)).Should().Be("whole");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_refusal_stays_one_when_its_body_does_not_close(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(new HostileHandler(() => Wire.Reply(new HostileBody(Wire.Error("no")) { OnDispose = Fail }, Wire.Json, 401)), mode: mode);

        (await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming))).Kind.Should().Be(ErrorKind.Authentication);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_read_that_throws_at_once_in_mid_answer_is_an_interruption(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(HostileHandler.Streaming(() => new HostileBody(Wire.Event("half")) { AtEnd = ThrowAtOnce }), mode: mode);

        HarborException error = await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming));

        error.Kind.Should().Be(ErrorKind.Interrupted);
        if (isStreaming) error.Should().BeOfType<StreamInterruptedException>().Which.Partial.Text.Should().Be("half");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_read_that_throws_at_once_before_the_answer_lets_the_next_target_answer(PerformanceMode mode, bool isStreaming)
    {
        HostileHandler first = new(() => Wire.Reply(new HostileBody("") { AtEnd = ThrowAtOnce }, isStreaming ? Wire.EventStream : Wire.Json));
        await using FastClient client = HostileClients.Two(first, HostileHandler.Answering(Wire.Whole("second")), configure: builder => builder.UseMode(mode));

        (await client.TextAsync(isStreaming)).Should().Be("second");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(ModesAndWays))]
    public async Task A_read_of_an_error_that_throws_at_once_leaves_the_status(PerformanceMode mode, bool isStreaming)
    {
        await using FastClient client = HostileClients.One(new HostileHandler(() => Wire.Reply(new HostileBody("{\"err") { AtEnd = ThrowAtOnce }, Wire.Json, 401)), mode: mode);

        (await HostileClients.ErrorAsync(() => client.TextAsync(isStreaming))).Kind.Should().Be(ErrorKind.Authentication);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static ValueTask<int> ThrowAtOnce(CancellationToken token) => throw new IOException("bug in a stream");

    private static void Fail() => throw new IOException("bug in a stream");
}
