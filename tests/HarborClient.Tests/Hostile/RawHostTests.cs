namespace HarborClient.Tests.Hostile;

// Hosts whose HTTP is broken in a way that makes the platform's own exceptions quote it.
public sealed class RawHostTests
{
    private const string Key = HostileClients.Key;
    private const string Prompt = "the very secret prompt of the user which is long enough";

    public static TheoryData<string, string> Replies => new()
    {
        { "a header line that is none", $"HTTP/1.1 200 OK\r\nEcho of Bearer {Key} here\r\n\r\n" },
        { "a status line that is none", $"HTTX/1.1 {Key}\r\n\r\n" },
        { "a status line with the prompt", $"HTTX {Prompt}\r\n\r\n" },
        { "a status that is no number", $"HTTP/1.1 2x0 {Key}\r\n\r\n" },
        { "a header name with a space", $"HTTP/1.1 200 OK\r\nBad Name {Key}: x\r\n\r\n" },
        { "a header name with the prompt", $"HTTP/1.1 200 OK\r\n{Prompt}: x\r\n\r\n" },
        { "a length that is none", $"HTTP/1.1 200 OK\r\nContent-Length: {Key}\r\n\r\n{{}}" },
        { "a chunk length that is none", $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Key}\r\n" },
        { "a chunk length that is none, in mid-answer", $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{Wire.Event("a").Length:x}\r\n{Wire.Event("a")}\r\nZZ{Key}\r\n" },
        { "a header without end", $"HTTP/1.1 200 OK\r\nX-A: {new string('a', 100_000)}{Key}\r\n\r\n" },
        { "another protocol", $"HTTP/1.1 101 Switching\r\nUpgrade: {Key}\r\n\r\nhello" },
        { "a status without a name", $"HTTP/1.1 599 {Key}\r\nContent-Length: 2\r\n\r\n{{}}" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Neither_key_nor_prompt_is_handed_on(string what, string reply)
    {
        await using var host = new RawHost(reply);

        foreach (bool isStreaming in new[] { false, true })
        {
            Overheard said = await Overheard.OfAsync(null, Prompt, isStreaming, options: openAI => openAI.Endpoint = host.Endpoint);

            said.ShouldNotHoldTheKey();
            said.ShouldNotEcho(Prompt);
            said.Error.Kind.Should().BeOneOf([ErrorKind.Network, ErrorKind.Interrupted, ErrorKind.Provider], what);
        }
    }
}
