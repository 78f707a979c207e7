using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Hostile;

// An error whose body stalls is the error that its status says, after 5 s.
public sealed class StalledErrorTests
{
    private static readonly TimeSpan LongestErrorBody = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false, "{\"err")]
    [InlineData(true, "{\"err")]
    [InlineData(false, "")]
    [InlineData(true, "")]
    public async Task The_call_goes_on_to_the_next_target(bool isStreaming, string begin)
    {
        string answer = isStreaming ? Wire.Event("fallback") + Wire.End : Wire.Whole("fallback");
        await using FastClient client = HostileClients.Two(Stalling(begin), HostileHandler.Answering(answer, isStreaming ? Wire.EventStream : Wire.Json), _time);

        Task<ChatResponse> pending = AskAsync(client, isStreaming);
        await _time.TimerSet(LongestErrorBody);
        bool wasPending = !pending.IsCompleted;
        _time.Advance(LongestErrorBody);

        ChatResponse response = await pending.Guarded();
        wasPending.Should().BeTrue();
        response.Text.Should().Be("fallback");
        HarborAttempt first = response.GetHarborInfo().Attempts[0];
        first.Error.Should().Be(ErrorKind.RateLimited);
        first.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_one_target_the_error_is_what_the_status_says(bool isStreaming)
    {
        await using FastClient client = HostileClients.One(Stalling("{\"err"), _time);

        Task<ChatResponse> pending = AskAsync(client, isStreaming);
        await _time.TimerSet(LongestErrorBody);
        _time.Advance(LongestErrorBody);

        HarborException error = await HostileClients.ErrorAsync(() => pending.Guarded());
        error.Kind.Should().Be(ErrorKind.RateLimited);
        error.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_caller_who_cancels_does_not_wait_for_the_body()
    {
        await using FastClient client = HostileClients.One(Stalling("{\"err"), _time);
        using var caller = new CancellationTokenSource();

        Task<string> pending = client.TextAsync(isStreaming: false, token: caller.Token);
        await _time.TimerSet(LongestErrorBody);
        await caller.CancelAsync();

        (await pending.Awaiting(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<ChatResponse> AskAsync(FastClient client, bool isStreaming) => isStreaming
        ? (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse()
        : await client.GetResponseAsync("hi");

    private static HostileHandler Stalling(string begin) =>
        new(() => Wire.Reply(new HostileBody(begin) { AtEnd = HostileBody.Stall }, Wire.Json, 429));
}
