using HarborClient.Testing;
using Xunit.Abstractions;

namespace HarborClient.Tests.Fixtures;

// Rule 6 of the design: a stream that did not end with its dialect's terminal marker is not a success. Ever.
public sealed class CutTests(ITestOutputHelper output)
{
    // Streams up to this size are cut at every byte; of longer ones every byte of the end and a fixed random sample of the rest.
    private const int EveryByteUpTo = 2_200;
    private const int Tail = 450;
    private const int Sample = 300;
    private const int Seed = 20_260_101;

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string> Transcripts => [.. Transcript.Names];

    [Theory]
    [MemberData(nameof(Transcripts))]
    public async Task A_transcript_cut_at_any_byte_is_whole_only_after_its_end_marker(string name)
    {
        var body = Transcript.Read(name);
        var end = body.AsSpan().LastIndexOf("data: [DONE]"u8) + "data: [DONE]".Length;

        await AssertCutsAsync(name, body, end, client: TestClients.Balanced, Enumerable.Range(0, body.Length));
    }

    [RecordedTrafficFact]
    public async Task Recorded_OpenAI_streams_cut_at_any_byte_are_whole_only_after_their_end_marker()
    {
        var streams = RecordedTraffic.Of("openai-chat").Where(IsWholeStream).ToList();
        var cuts = 0;
        foreach (var stream in streams)
        {
            var body = stream.Body.ToArray();
            var end = body.AsSpan().LastIndexOf("data: [DONE]"u8) + "data: [DONE]".Length;
            end.Should().BeGreaterThan(20, "{0} ends with its marker", stream.Name);
            cuts += await AssertCutsAsync(stream.Name, body, end, TestClients.Balanced, Offsets(body.Length));
        }

        streams.Should().HaveCountGreaterThan(10);
        TestReport.Add($"cut at every byte, of long streams at {Sample} and the last {Tail}: {streams.Count} recorded OpenAI streams, {cuts} offsets");
    }

    [RecordedTrafficFact]
    public async Task Recorded_Zhipu_streams_cut_at_any_byte_are_whole_only_after_their_end_marker()
    {
        var streams = RecordedTraffic.Of("zhipu").Where(IsWholeStream).ToList();
        var cuts = 0;
        foreach (var stream in streams)
        {
            var body = stream.Body.ToArray();
            var end = body.AsSpan().LastIndexOf("data: [DONE]"u8) + "data: [DONE]".Length;
            cuts += await AssertCutsAsync(stream.Name, body, end, (provider, time) => RecordedClients.Of(stream, provider, time), Offsets(body.Length));
        }

        streams.Should().HaveCount(5);
        TestReport.Add($"cut at every byte, of long streams at {Sample} and the last {Tail}: {streams.Count} recorded Zhipu streams, {cuts} offsets");
    }

    [RecordedTrafficFact]
    public async Task A_recorded_stream_of_a_compatible_host_cut_at_any_byte_is_whole_only_after_its_finish_reason()
    {
        var stream = RecordedTraffic.Load("compat/rig-llamacpp-content-matrix-unicode-across-chunks-0");
        var body = stream.Body.ToArray();
        var finish = body.AsSpan().IndexOf("\"finish_reason\":\"stop\""u8);
        finish.Should().BePositive();
        var end = finish + body.AsSpan(finish).IndexOf("\n"u8);

        var offsets = Enumerable.Range(0, body.Length);
        var cuts = await AssertCutsAsync(stream.Name, body, end, (provider, time) => TestClients.Local(provider, time), offsets, mayStillBreak: true);

        TestReport.Add($"cut at every byte: a recorded stream of a compatible host, {cuts} offsets");
    }

    // A cut at or after the end marker may give the whole answer; before it, only an interruption with a prefix of the text.
    private async Task<int> AssertCutsAsync(
        string name, byte[] body, int end, Func<ProviderEmulator, TimeProvider, FastClient> client, IEnumerable<int> offsets, bool mayStillBreak = false)
    {
        var provider = new ProviderEmulator(_time).ThenRaw(body, "text/event-stream");
        await using var harbor = client(provider, _time);
        var whole = (await harbor.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();
        List<string> wrong = [];
        int cuts = 0;
        foreach (var offset in offsets)
        {
            cuts++;
            provider.ThenReply(EmulatedReply.Raw(body, "text/event-stream").CutAtByte(offset));
            var (answer, error) = await ReadAsync(harbor);
            var isRight = answer is not null
                ? offset >= end && answer.Text == whole.Text && answer.FinishReason == whole.FinishReason
                    && (mayStillBreak || AnswerShape.Of(answer) == AnswerShape.Of(whole))
                : (offset < end || mayStillBreak) && IsInterruption(error!, whole.Text);
            if (!isRight) wrong.Add($"{offset}: {answer?.Text ?? error!.ToString()}");
        }

        wrong.Should().BeEmpty("{0} was cut there", name);
        harbor.Outstanding().Should().Be(Outstanding.None);
        output.WriteLine($"{name}: {body.Length} bytes, {cuts} cuts");
        return cuts;
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

    private static bool IsWholeStream(RecordedExchange exchange) =>
        exchange.IsStreaming && exchange.StatusCode == 200 && exchange.ReadExpected()?.GetProperty("kind").GetString() == "chat"
        && exchange.Body.Span.IndexOf("data: [DONE]"u8) >= 0;

    private static IEnumerable<int> Offsets(int length)
    {
        if (length <= EveryByteUpTo) return Enumerable.Range(0, length);
        var random = new Random(Seed);
        var sample = Enumerable.Range(0, Sample).Select(_ => random.Next(length - Tail)).Distinct().Order();
        return [.. sample, .. Enumerable.Range(length - Tail, Tail)];
    }
}
