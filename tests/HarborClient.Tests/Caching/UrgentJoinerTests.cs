using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// A request that several wait for goes before others as the most urgent of them would.
public sealed class UrgentJoinerTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task One_who_joins_a_request_in_line_brings_it_forward(PerformanceMode mode)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("yes").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = OneAtATime(provider, mode);
        Task holding = client.GetResponseAsync("holding");
        Task shared = client.GetResponseAsync("shared", Deterministic(CallPriority.Background));
        Task other = client.GetResponseAsync("other");

        Task joined = client.GetResponseAsync("shared", Deterministic(CallPriority.Interactive));
        await _time.AdvanceUntil(Task.WhenAll(holding, shared, other, joined));

        Asked(provider).Should().Equal("holding", "shared", "other");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_is_less_urgent_changes_nothing()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("yes").DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        await using FastClient client = OneAtATime(provider, PerformanceMode.Balanced);
        Task holding = client.GetResponseAsync("holding");
        Task shared = client.GetResponseAsync("shared", Deterministic(CallPriority.Batch));
        Task other = client.GetResponseAsync("other");

        Task joined = client.GetResponseAsync("shared", Deterministic(CallPriority.Background));
        await _time.AdvanceUntil(Task.WhenAll(holding, shared, other, joined));

        Asked(provider).Should().Equal("holding", "other", "shared");
    }

    private static HarborChatOptions Deterministic(CallPriority priority) => new() { Temperature = 0, Priority = priority };

    private static IEnumerable<string> Asked(ProviderEmulator provider) =>
        provider.Attempts.Select(attempt => new[] { "holding", "shared", "other" }.Single(text => attempt.BodyText.Contains(text, StringComparison.Ordinal)));

    private FastClient OneAtATime(ProviderEmulator provider, PerformanceMode mode) =>
        TestClients.Local(provider, _time, mode, local => (local.Limits.InitialInFlight, local.Limits.MaximumInFlight) = (1, 1));
}
