using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// A breaker that opens while calls are under way to the only host there is.
public sealed class OpenedMeanwhileTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [MemberData(nameof(RetryTests.PatientModes), MemberType = typeof(RetryTests))]
    public async Task Calls_that_failed_together_wait_for_the_only_host_as_new_ones_do(PerformanceMode mode)
    {
        ProviderEmulator a = new ProviderEmulator(_time).ThenReply(EmulatedReply.Error(500).DelayBeforeHeaders(TimeSpan.FromSeconds(1)), 10).Otherwise(EmulatedReply.Answer("fine"));
        await using FastClient client = TestClients.Chain(_time, mode, builder => { }, 3, a);

        Task<ChatResponse>[] calls = [.. Enumerable.Range(0, 10).Select(_ => client.GetResponseAsync("hi"))];
        Task all = Task.WhenAll(calls);
        await _time.AdvanceUntil(all);

        calls.Count(call => call.IsCompletedSuccessfully).Should().Be(10, calls.FirstOrDefault(call => call.IsFaulted)?.Exception?.InnerException?.Message);
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
