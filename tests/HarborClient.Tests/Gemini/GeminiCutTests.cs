using System.Text;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Gemini;

// Gemini marks the end of a stream by a finish reason and the end of the body. Cut before the first, an answer is never whole; split anywhere, it is the same.
public sealed class GeminiCutTests
{
    private const int Tail = 600;
    private const int Sample = 200;
    private const int Seed = 20_260_102;

    private readonly ManualTimeProvider _time = new();

    // Calls, thoughts, code, signatures at the end, text with CJK and an image, each with one finish reason.
    public static TheoryData<string> Streams =>
    [
        "adkgo-testparallelfunctioncalls-test-parallel-function-ls-gemini-3-flash-preview-0",
        "chatlas-google-respects-turns-interface-2",
        "fantasy-testgooglethinking-gemini-2-5-pro-thinking-streaming-0",
        "rig-gemini-code-execution-matrix-streaming-code-execution-unicode-output-0",
        "fbase-streaming-success-empty-parts-0",
    ];

    [RecordedTrafficTheory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_cut_anywhere_is_whole_only_after_its_finish_reason(string name)
    {
        byte[] body = RecordedTraffic.Load("gemini/" + name).Body.ToArray();
        int finish = body.AsSpan().IndexOf("\"finishReason\""u8);
        int end = finish + body.AsSpan(finish).IndexOf("\r\n"u8);
        var provider = new ProviderEmulator(_time).ThenRaw(body, "text/event-stream");
        await using FastClient client = GeminiClients.Create(provider, h => h.UseTimeProvider(_time));
        ChatResponse whole = (await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse();
        List<string> wrong = [];
        int cuts = 0;
        foreach (int offset in Offsets(body.Length))
        {
            provider.ThenReply(EmulatedReply.Raw(body, "text/event-stream").CutAtByte(offset));
            (ChatResponse? answer, Exception? error) = await ReadAsync(client);
            bool isRight = answer is not null
                ? offset >= end && AnswerShapeOf(answer) == AnswerShapeOf(whole)
                : offset <= end && error is HarborException { Kind: ErrorKind.Interrupted } && whole.Text.StartsWith((error as StreamInterruptedException)?.Partial.Text ?? "", StringComparison.Ordinal);
            if (!isRight) wrong.Add($"{offset}: {answer?.Text ?? error!.ToString()}");
            cuts++;
        }

        wrong.Should().BeEmpty("{0} was cut there", name);
        client.Outstanding().Should().Be(Outstanding.None);
        TestReport.Add($"gemini cut: {name}, {cuts} offsets");
    }

    [RecordedTrafficTheory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_split_in_two_or_byte_by_byte_is_the_same(string name)
    {
        byte[] body = RecordedTraffic.Load("gemini/" + name).Body.ToArray();
        var provider = new ProviderEmulator(_time).ThenRaw(body, "text/event-stream").ThenReply(EmulatedReply.Raw(body, "text/event-stream").ChunkSize(1));
        await using FastClient client = GeminiClients.Create(provider, h => h.UseTimeProvider(_time));

        string whole = await ShapeAsync(client);
        (await ShapeAsync(client)).Should().Be(whole, "one byte at a time changes nothing");
        foreach (int offset in Offsets(body.Length).Where(offset => offset > 0))
        {
            provider.ThenReply(EmulatedReply.Raw(body, "text/event-stream").SplitAt(offset));
            (await ShapeAsync(client)).Should().Be(whole, "it was split at {0}", offset);
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<string> ShapeAsync(FastClient client) => AnswerShapeOf((await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse());

    // Ids that we make up differ from reading to reading.
    private static string AnswerShapeOf(ChatResponse answer)
    {
        string shape = AnswerShape.Of(answer);
        foreach (FunctionCallContent call in answer.Contents().OfType<FunctionCallContent>())
        {
            if (call.CallId.StartsWith("harbor_call_", StringComparison.Ordinal)) shape = shape.Replace(call.CallId, "(made up)", StringComparison.Ordinal);
        }

        return shape + string.Concat(answer.Contents().OfType<TextReasoningContent>().Select(content => content.ProtectedData));
    }

    private static async Task<(ChatResponse? Answer, Exception? Error)> ReadAsync(FastClient client)
    {
        try
        {
            return ((await client.GetStreamingResponseAsync("hi").ToListAsync()).ToHarborResponse(), null);
        }
        catch (HarborException e)
        {
            return (null, e);
        }
    }

    private static IEnumerable<int> Offsets(int length)
    {
        if (length <= Tail + Sample) return Enumerable.Range(0, length);
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Sample).Select(_ => random.Next(length - Tail)).Distinct().Order(), .. Enumerable.Range(length - Tail, Tail)];
    }
}
