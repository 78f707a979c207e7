using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

// A whole provider that is down by its clock, and the faults that need no script step of their own.
public sealed class ProviderOutageTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_provider_is_down_from_the_first_moment_of_its_outage_until_before_the_last()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer("one").ThenAnswer("two").Down(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), EmulatedReply.Error(503));

        int[] statuses = [await StatusAtAsync(provider, 9), await StatusAtAsync(provider, 10), await StatusAtAsync(provider, 19.9), await StatusAtAsync(provider, 20)];

        statuses.Should().Equal(200, 503, 503, 200);
        provider.RemainingSteps.Should().Be(0, "what fails in an outage uses up no step");
        provider.Attempts.Should().HaveCount(4);
    }

    [Fact]
    public async Task An_outage_refuses_connections_unless_it_is_told_otherwise()
    {
        var provider = new ProviderEmulator(_time).Down(TimeSpan.Zero, TimeSpan.MaxValue);

        var thrown = await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();

        thrown.Which.HttpRequestError.Should().Be(HttpRequestError.ConnectionError);
    }

    [Fact]
    public async Task A_flapping_provider_begins_up()
    {
        var provider = new ProviderEmulator(_time).Flapping(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), EmulatedReply.Error(500));

        List<int> statuses = [];
        foreach (int second in new[] { 0, 10, 15, 25, 30 }) statuses.Add(await StatusAtAsync(provider, second));

        statuses.Should().Equal(200, 500, 200, 500, 200);
    }

    [Fact]
    public void An_outage_ends_after_it_begins()
    {
        var provider = new ProviderEmulator(_time);

        provider.Invoking(p => p.Down(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2))).Should().Throw<ArgumentOutOfRangeException>();
        provider.Invoking(p => p.Flapping(TimeSpan.Zero, TimeSpan.FromSeconds(1))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_and_a_failed_handshake_throw_what_the_socket_handler_throws()
    {
        var provider = new ProviderEmulator(_time).ThenReply(new EmulatedReply().NameNotResolved()).ThenReply(new EmulatedReply().TlsFailure());

        var name = await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();
        var handshake = await provider.Invoking(p => p.SendAsync(Requests.Chat())).Should().ThrowAsync<HttpRequestException>();

        name.Which.HttpRequestError.Should().Be(HttpRequestError.NameResolutionError);
        name.Which.InnerException.Should().BeOfType<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.HostNotFound);
        handshake.Which.HttpRequestError.Should().Be(HttpRequestError.SecureConnectionError);
        handshake.Which.InnerException.Should().BeOfType<AuthenticationException>();
        provider.Attempts.Should().OnlyContain(attempt => attempt.Outcome == AttemptOutcome.Reset && attempt.Body.Length == 0);
    }

    [Theory]
    [InlineData("user", 200)]
    [InlineData("assistant", 400)]
    public async Task A_provider_that_refuses_prefixes_looks_at_the_last_message(string lastRole, int status)
    {
        var provider = new ProviderEmulator(_time).RefuseAssistantPrefixes();
        using HttpRequestMessage request = Requests.Chat();
        request.Content = new StringContent(
            $$"""{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"{{lastRole}}","content":"so"}]}""", Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await provider.SendAsync(request);

        ((int)response.StatusCode).Should().Be(status);
    }

    [Fact]
    public async Task A_pause_comes_once_and_the_answer_goes_on()
    {
        var provider = new ProviderEmulator(_time).ThenAnswer(["a", "b", "c"], reply => reply.PauseAfterUpdates(2, TimeSpan.FromSeconds(30)));
        using HttpResponseMessage response = await provider.SendAsync(Requests.Chat());

        Task<string> body = response.Content.ReadAsStringAsync();
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        bool wasPending = !body.IsCompleted;
        _time.Advance(TimeSpan.FromTicks(1));

        wasPending.Should().BeTrue();
        (await body.Guarded()).Should().Contain("\"c\"").And.Contain("[DONE]");
        _time.PendingTimers.Should().Be(0);
    }

    [Fact]
    public async Task A_padded_body_is_as_long_as_it_says_and_counts_what_was_read()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(500).Padded(100_000)).ThenReply(EmulatedReply.Error(500).Padded(100_000_000));

        using HttpResponseMessage whole = await provider.SendAsync(Requests.Chat());
        byte[] bytes = await whole.Content.ReadAsByteArrayAsync();
        using (HttpResponseMessage left = await provider.SendAsync(Requests.Chat()))
        {
            Stream stream = await left.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[10_000]);
        }

        bytes.Length.Should().BeGreaterThan(100_000).And.BeLessThan(101_000);
        provider.Attempts[0].BytesSent.Should().Be(bytes.Length);
        provider.Attempts[1].BytesSent.Should().BeInRange(4096, 10_000);
        provider.Attempts[1].Outcome.Should().Be(AttemptOutcome.ClientClosed);
    }

    private async Task<int> StatusAtAsync(ProviderEmulator provider, double second)
    {
        _time.Advance(TimeSpan.FromSeconds(second) - TimeSpan.FromTicks(_time.GetTimestamp()));
        using HttpResponseMessage response = await provider.SendAsync(Requests.Chat());
        return (int)response.StatusCode;
    }
}
