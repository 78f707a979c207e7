using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Waits of less than a millisecond.
public sealed class ShortPauseTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_back_off_of_less_than_a_millisecond_is_one_all_the_same()
    {
        ProviderEmulator a = new ProviderEmulator(_time).Then(500).Then(500).ThenAnswer("fine");
        await using FastClient client = TestClients.OpenAI(a, _time, options: openAI =>
        {
            openAI.Retry.MaximumAttempts = 3;
            openAI.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
            openAI.Retry.MaximumDelay = TimeSpan.FromMilliseconds(1);
        });

        Task<ChatResponse> call = client.GetResponseAsync("hi");
        await _time.AdvanceUntil(call);

        (await call).Text.Should().Be("fine");
        a.Attempts.Select(attempt => attempt.ReceivedAt).Should().OnlyHaveUniqueItems();
    }
}
