using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Emulator;

public sealed class LimitTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_request_over_the_limit_is_told_when_to_come_back_and_then_served()
    {
        var provider = new ProviderEmulator(_time).LimitRequests(perMinute: 2).ThenAnswer("one").ThenAnswer("two").ThenAnswer("three");
        await provider.AskAsync(Requests.Chat());
        _time.Advance(TimeSpan.FromSeconds(20));
        await provider.AskAsync(Requests.Chat());

        using var refused = await provider.SendAsync(Requests.Chat());
        _time.Advance(TimeSpan.FromSeconds(40));
        var served = await provider.AskAsync(Requests.Chat(isStreaming: false));

        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(40));
        refused.Headers.GetValues("x-ratelimit-limit-requests").Should().Equal("2");
        refused.Headers.GetValues("x-ratelimit-remaining-requests").Should().Equal("0");
        refused.Headers.GetValues("x-ratelimit-reset-requests").Should().Equal("1m0s");
        served.Should().Contain("three");
    }

    [Fact]
    public async Task Tokens_are_limited_by_their_estimate()
    {
        var provider = new ProviderEmulator(_time).LimitTokens(perMinute: 30);
        var question = new string('x', 80); // 20 tokens, and one of the role.

        using var first = await provider.SendAsync(Requests.Chat(question: question));
        using var second = await provider.SendAsync(Requests.Chat(question: question));
        using var small = await provider.SendAsync(Requests.Chat(question: "hi"));

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Headers.GetValues("x-ratelimit-remaining-tokens").Should().Equal("9");
        second.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        second.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
        small.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
