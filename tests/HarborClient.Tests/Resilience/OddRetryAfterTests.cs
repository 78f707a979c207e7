using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Hosts that ask for nonsense.
public sealed class OddRetryAfterTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT")]
    public async Task A_host_that_asks_for_no_wait_at_all_is_backed_off_from_all_the_same(string retryAfter)
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Error(429).Header("Retry-After", retryAfter));
        await using FastClient client = TestClients.Chain(_time, PerformanceMode.Balanced, null, 3, a);

        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await _time.AdvanceUntil(call);

        await ((Func<Task>)(() => call)).Should().ThrowAsync<HarborException>();
        a.Attempts.Select(attempt => attempt.ReceivedAt).Distinct().Should().HaveCount(3);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(PerformanceMode.Fast)]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task A_host_that_says_a_date_where_seconds_are_meant_is_not_given_up_for_a_month(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(429).Header("Retry-After", "1735689600")).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.Chain(_time, mode, null, 3, a);
        Func<Task> first = () => client.GetResponseAsync("hi");
        (await first.Should().ThrowAsync<HarborException>()).Which.RetryAfter.Should().BeGreaterThan(TimeSpan.FromDays(30));

        _time.Advance(TimeSpan.FromMinutes(15));

        (await client.GetResponseAsync("hi")).Text.Should().Be("fine");
    }

    [Fact]
    public async Task A_host_that_answers_and_says_that_its_limit_is_zero_is_asked_again()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine")
            .Header("x-ratelimit-limit-requests", "0").Header("x-ratelimit-remaining-requests", "0").Header("x-ratelimit-reset-requests", "60s"));
        await using FastClient client = TestClients.OpenAI(a, _time);

        for (int i = 0; i < 3; i++) (await client.GetResponseAsync("hi")).Text.Should().Be("fine");
    }
}
