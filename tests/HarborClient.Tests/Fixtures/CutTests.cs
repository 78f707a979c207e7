using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// Rule 6 of the design: a stream that did not end with its dialect's terminal marker is not a success. Ever. Transcripts of our own, as updates, on the
// emulator; EveryCutTests do the same with everything recorded.
public sealed class CutTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Transcripts => [.. Transcript.Names];

    [Theory]
    [MemberData(nameof(Transcripts))]
    public async Task A_transcript_cut_at_any_byte_is_whole_only_after_its_end_marker(string name)
    {
        var body = Transcript.Read(name);
        var end = body.AsSpan().LastIndexOf("data: [DONE]"u8) + "data: [DONE]".Length;
        var provider = new ProviderEmulator(_time).ThenRaw(body, "text/event-stream");
        await using var harbor = TestClients.Balanced(provider, _time);
        var whole = (await harbor.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();
        List<string> wrong = [];

        for (var offset = 0; offset < body.Length; offset++)
        {
            provider.ThenReply(EmulatedReply.Raw(body, "text/event-stream").CutAtByte(offset));
            var (answer, error) = await ReadAsync(harbor);
            var isRight = answer is not null ? offset >= end && AnswerShape.Of(answer) == AnswerShape.Of(whole) : offset < end && IsInterruption(error!, whole.Text);
            if (!isRight) wrong.Add($"{offset}: {answer?.Text ?? error!.ToString()}");
        }

        wrong.Should().BeEmpty("{0} was cut there", name);
        harbor.Outstanding().Should().Be(Outstanding.None);
    }

    private static bool IsInterruption(Exception error, string text) => error switch
    {
        StreamInterruptedException broken => text.StartsWith(broken.Partial.Text, StringComparison.Ordinal),
        HarborException known => known.Kind == ErrorKind.Interrupted,
        _ => false,
    };

    private static async Task<(ChatResponse? Answer, Exception? Error)> ReadAsync(FastClient client)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi").ConfigureAwait(false)) updates.Add(update);
            return (updates.ToHarborResponse(), null);
        }
        catch (Exception e)
        {
            return (null, e);
        }
    }
}
