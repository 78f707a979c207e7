namespace HarborClient.IntegrationTests.Sockets;

/// <summary>How long it took hosts to see that a stream was left.</summary>
internal sealed class CloseDelays
{
    internal const int Count = 15;

    private static readonly TimeSpan MedianLimit = TimeSpan.FromMilliseconds(50);

    // A handler that drains instead of closing does so for its 2 s; a busy machine is late by much less.
    private static readonly TimeSpan LongestLimit = TimeSpan.FromSeconds(1.5);

    private readonly List<TimeSpan> _delays = [];

    private TimeSpan Median => _delays.Order().ElementAt(_delays.Count / 2);

    public override string ToString() =>
        $"median {Median.TotalMilliseconds:F1} ms, longest {_delays.Max().TotalMilliseconds:F1} ms, {_delays.Count(delay => delay < MedianLimit)} of {_delays.Count} under 50 ms";

    /// <summary>Waits until the host has seen the end of an attempt.</summary>
    internal async Task AddAsync(ProviderEmulator provider, int number, DateTimeOffset left)
    {
        await provider.AttemptEnded(number);
        EmulatedAttempt attempt = provider.Attempts[number - 1];
        attempt.Outcome.Should().Be(AttemptOutcome.ClientClosed);
        _delays.Add(attempt.EndedAt!.Value - left);
    }

    internal void ShouldBeShort()
    {
        _delays.Should().HaveCount(Count);
        Median.Should().BeLessThan(MedianLimit);
        _delays.Max().Should().BeLessThan(LongestLimit, "nothing is drained");
    }
}
