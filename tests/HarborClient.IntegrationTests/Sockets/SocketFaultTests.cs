using System.Net;
using System.Net.Sockets;

namespace HarborClient.IntegrationTests.Sockets;

// Hosts that fail on real sockets. The client's clock is virtual and without limits of its own, so only back-offs wait for it and none of them takes real time.
public sealed class SocketFaultTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<PerformanceMode, bool> Ways
    {
        get
        {
            var ways = new TheoryData<PerformanceMode, bool>();
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                ways.Add(mode, false);
                ways.Add(mode, true);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_refused_connection_moves_on(PerformanceMode mode, bool isStreaming)
    {
        HarborCallInfo how = await AnswerOfTheFallbackAsync(UnusedPort(), mode, isStreaming);

        ShouldHaveFailedFirst(how, mode);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_connection_that_is_reset_before_an_answer_moves_on(PerformanceMode mode, bool isStreaming)
    {
        var primary = new ProviderEmulator().Otherwise(new EmulatedReply().ResetBeforeHeaders());
        await using EmulatorServer server = await primary.StartAsync();

        HarborCallInfo how = await AnswerOfTheFallbackAsync(server.Endpoint, mode, isStreaming);

        ShouldHaveFailedFirst(how, mode);
        primary.Attempts.Should().HaveCount(how.Attempts.Count - 1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_certificate_that_nobody_vouches_for_moves_on(PerformanceMode mode, bool isStreaming)
    {
        var primary = new ProviderEmulator();
        await using EmulatorServer server = await primary.StartAsync(useTls: true);

        HarborCallInfo how = await AnswerOfTheFallbackAsync(server.Endpoint, mode, isStreaming);

        ShouldHaveFailedFirst(how, mode);
        primary.Attempts.Should().BeEmpty("neither key nor prompt goes to a host that cannot prove its name");
    }

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task A_connection_that_is_accepted_and_never_answered_moves_on_when_the_clock_says_so(PerformanceMode mode)
    {
        TimeSpan patience = TimeSpan.FromSeconds(30);
        var primary = new ProviderEmulator().Otherwise(new EmulatedReply().NeverAnswer());
        await using EmulatorServer server = await primary.StartAsync();
        await using EmulatorServer healthy = await Healthy().StartAsync();
        await using FastClient client = Create(server.Endpoint, healthy.Endpoint, mode, patience);

        Task<ChatResponse> call = CallAsync(client, isStreaming: true);
        await primary.AttemptReceived(1);
        await _time.TimerSet(patience);
        _time.Advance(patience);

        ChatResponse answer = await call;
        answer.Text.Should().Be("fine");
        answer.GetHarborInfo().Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Timeout), ("b", null));
        await primary.AttemptEnded(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // Loopback always has more to read, so the read that is left is never one that waits.
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Of_an_error_of_100_MB_no_more_than_64_KB_leave_the_socket_of_a_callers_handler(PerformanceMode mode, bool isStreaming)
    {
        var primary = new ProviderEmulator().Otherwise(EmulatedReply.Error(500).Padded(100_000_000));
        await using EmulatorServer server = await primary.StartAsync();
        using var counting = new CountingHandler();

        HarborCallInfo how = await AnswerOfTheFallbackAsync(server.Endpoint, mode, isStreaming, counting.Handler);

        how.Provider.Should().Be("b");
        for (int attempt = 1; attempt < how.Attempts.Count; attempt++) await primary.AttemptEnded(attempt);
        (counting.BytesRead / (how.Attempts.Count - 1)).Should().BeInRange(4 << 10, 64 << 10);
    }

    private static ProviderEmulator Healthy() => new ProviderEmulator().Otherwise(EmulatedReply.Answer("fine"));

    // Once held and given back: nobody listens there.
    private static Uri UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1/");
    }

    private static async Task<ChatResponse> CallAsync(FastClient client, bool isStreaming) => isStreaming
        ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse()
        : await client.GetResponseAsync("hi");

    // Fast asks each target once; the others give the first a second chance.
    private static void ShouldHaveFailedFirst(HarborCallInfo how, PerformanceMode mode)
    {
        int failures = mode == PerformanceMode.Fast ? 1 : 2;
        how.Provider.Should().Be("b");
        how.Attempts.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal([.. Enumerable.Repeat(("a", (ErrorKind?)ErrorKind.Network), failures), ("b", null)]);
    }

    private async Task<HarborCallInfo> AnswerOfTheFallbackAsync(Uri primary, PerformanceMode mode, bool isStreaming, SocketsHttpHandler? handler = null)
    {
        await using EmulatorServer healthy = await Healthy().StartAsync();
        await using FastClient client = Create(primary, healthy.Endpoint, mode, Timeout.InfiniteTimeSpan, handler);

        Task<ChatResponse> call = CallAsync(client, isStreaming);
        await _time.AdvanceUntil(call);

        ChatResponse answer = await call;
        answer.Text.Should().Be("fine");
        client.Outstanding().Should().Be(Outstanding.None);
        return answer.GetHarborInfo();
    }

    private FastClient Create(Uri primary, Uri fallback, PerformanceMode mode, TimeSpan patience, SocketsHttpHandler? handler = null) => FastClient.Create(h => h
        .AddLocal("a", primary, local =>
        {
            if (handler is not null) local.UseHandler(handler);
        })
        .AddLocal("b", fallback)
        .MapModel("chat", "a/one", "b/two").UseDefaultModel("chat").UseMode(mode).UseTimeProvider(_time)
        .UseClocks(clocks =>
        {
            clocks.TotalTimeout = Timeout.InfiniteTimeSpan;
            clocks.FirstUpdateTimeout = patience;
            clocks.IdleTimeout = Timeout.InfiniteTimeSpan;
        }));
}
