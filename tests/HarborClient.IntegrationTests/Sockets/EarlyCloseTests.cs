using Xunit.Abstractions;

namespace HarborClient.IntegrationTests.Sockets;

// Who breaks out of a stream wants the host to stop generating now: tokens cost money until the host sees the close.
public sealed class EarlyCloseTests(ITestOutputHelper output)
{
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
    public async Task Breaking_out_of_a_stream_reaches_the_host_within_50_ms_in_the_median_and_drains_nothing(ServerKind kind, bool isSilent)
    {
        ProviderEmulator provider = Host(isSilent);
        await using SocketClient client = await SocketClient.StartAsync(provider, kind);
        var delays = new CloseDelays();

        for (int loop = 1; loop <= CloseDelays.Count; loop++)
        {
            DateTimeOffset left = default;
            await foreach (string piece in client.Harbor.StreamTextAsync("hi"))
            {
                left = TimeProvider.System.GetUtcNow();
                break;
            }

            await delays.AddAsync(provider, loop, left);
        }

        output.WriteLine($"{kind}, host {(isSilent ? "silent" : "talking")}: {delays}");
        delays.ShouldBeShort();
        client.Harbor.Outstanding().Should().Be(Outstanding.None);
    }

    // The library's own handler takes no certificate callback: the process has to trust the emulator's certificate.
    [LinuxTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task So_does_breaking_out_over_HTTP2_on_the_librarys_own_handler(bool isSilent)
    {
        ProviderEmulator provider = Host(isSilent);
        await using EmulatorServer server = await provider.StartAsync(useTls: true);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("trusted.pem"), server.Certificate!.ExportCertificatePem());
        using StreamLeaver leaver = StreamLeaver.Start(server.Endpoint, folder.File("trusted.pem"));
        var delays = new CloseDelays();

        for (int loop = 1; loop <= CloseDelays.Count; loop++) await delays.AddAsync(provider, loop, await leaver.LeaveOneAsync());
        string outstanding = await leaver.EndAsync();

        output.WriteLine($"own handler, HTTP/2, host {(isSilent ? "silent" : "talking")}: {delays}");
        delays.ShouldBeShort();
        provider.Attempts.Should().OnlyContain(attempt => attempt.HttpVersion == "HTTP/2");
        outstanding.Should().Be(Outstanding.None.ToString());
    }

    private static ProviderEmulator Host(bool isSilent)
    {
        EmulatedReply reply = EmulatedReply.Answer(Enumerable.Repeat("word ", 2_000));
        return new ProviderEmulator().Otherwise(isSilent ? reply.SilentAfterUpdates(1) : reply.DelayBetweenUpdates(TimeSpan.FromMilliseconds(1)));
    }
}
