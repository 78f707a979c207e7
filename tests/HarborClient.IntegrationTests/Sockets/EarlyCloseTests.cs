using Xunit.Abstractions;

namespace HarborClient.IntegrationTests.Sockets;

// Who breaks out of a stream wants the host to stop generating now: tokens cost money until the host sees the close.
public sealed class EarlyCloseTests(ITestOutputHelper output)
{
    private const int Loops = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    public static TheoryData<ServerKind, bool> EveryKindSilentOrTalking => new()
    {
        { ServerKind.OwnHandler, true },
        { ServerKind.OwnHandler, false },
        { ServerKind.CallersHandler, true },
        { ServerKind.CallersHandler, false },
        { ServerKind.CallersHandlerHttp2, true },
        { ServerKind.CallersHandlerHttp2, false },
    };

    [Theory]
    [MemberData(nameof(EveryKindSilentOrTalking))]
    public async Task Breaking_out_of_a_stream_reaches_the_host_within_50_ms(ServerKind kind, bool isSilent)
    {
        EmulatedReply reply = EmulatedReply.Answer(Enumerable.Repeat("word ", 2_000));
        var provider = new ProviderEmulator().Otherwise(isSilent ? reply.SilentAfterUpdates(1) : reply.DelayBetweenUpdates(TimeSpan.FromMilliseconds(1)));
        await using SocketClient client = await SocketClient.StartAsync(provider, kind);
        List<TimeSpan> delays = [];

        for (int loop = 1; loop <= Loops; loop++)
        {
            DateTimeOffset left = default;
            await foreach (string piece in client.Harbor.StreamTextAsync("hi"))
            {
                left = TimeProvider.System.GetUtcNow();
                break;
            }

            await provider.AttemptEnded(loop);
            provider.Attempts[^1].Outcome.Should().Be(AttemptOutcome.ClientClosed);
            delays.Add(provider.Attempts[^1].EndedAt!.Value - left);
        }

        delays.Sort();
        output.WriteLine($"{kind}, host {(isSilent ? "silent" : "talking")}: median {delays[Loops / 2].TotalMilliseconds:F1} ms, longest {delays[^1].TotalMilliseconds:F1} ms");
        delays[Loops / 2].Should().BeLessThan(Limit);
        client.Harbor.Outstanding().Should().Be(Outstanding.None);
    }
}
