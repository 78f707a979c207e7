using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// Rule 6 of the design, over everything recorded: a stream that is cut anywhere is the whole answer, or an interruption with the text so far. Ever.
[Collection(RobustnessCollection.Name)]
public sealed class EveryCutTests
{
    [RecordedTrafficFact]
    public async Task Every_recorded_stream_cut_at_every_byte_is_whole_or_interrupted()
    {
        IReadOnlyList<RecordedStream> streams = RecordedStream.All();
        long offsets = 0;

        // The longest first, so that both workers end together.
        await Parallel.ForEachAsync(streams.OrderByDescending(stream => stream.Body.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (stream, _) =>
        {
            var handler = new BytesHandler();
            await using FastClient client = RecordedClients.Of(stream.Provider, handler, TimeProvider.System);
            string[] wrong = await WrongCutsAsync(stream, handler, client);

            wrong.Should().BeEmpty("{0} was cut there", stream.Name);
            client.Outstanding().Should().Be(Outstanding.None);
            Interlocked.Add(ref offsets, stream.Body.Length);
        });

        TestReport.Add($"cut at every byte: {streams.Count} recorded streams of {streams.Select(stream => stream.Provider).Distinct().Count()} protocols, {offsets} offsets; "
            + $"{streams.Count(stream => stream.RepeatsItsEnd)} repeat their finish reason on every event, where a clean cut cannot be told from the end");
    }

    private static async Task<string[]> WrongCutsAsync(RecordedStream stream, BytesHandler handler, FastClient client)
    {
        List<string> wrong = [];
        handler.Answer(stream.Body, "text/event-stream");
        Reading whole = await Reading.FoldedAsync(client);
        string before = "";
        int passed = 0;
        for (int offset = 0; offset < stream.Body.Length && wrong.Count < 5; offset++)
        {
            handler.Answer(stream.Body.AsMemory(0, offset), "text/event-stream");
            Reading cut = await Reading.FoldedAsync(client);
            if (IsAtEventEnd(stream, offset))
            {
                handler.Answer(stream.Body.AsMemory(0, offset), "text/event-stream");
                Reading updates = await Reading.StreamedAsync(client);
                if (MadeUp.Anonymous(updates.Shape) != MadeUp.Anonymous(cut.Shape)) wrong.Add($"{offset}: read as updates it is {updates.Shape} instead of {cut.Shape}");
            }

            if (!IsRight(stream, whole, cut, offset)) wrong.Add($"{offset} of {stream.Body.Length}, whole from {stream.End}: {cut.Shape} {cut.Error?.Message} instead of {whole.Shape}");

            // Text never goes back, and grows only where an event ends.
            if (cut.Text != before)
            {
                bool atEventEnd = false;
                for (; passed < stream.EventEnds.Count && stream.EventEnds[passed] <= offset; passed++) atEventEnd |= stream.EventEnds[passed] == offset;
                if (!atEventEnd || !cut.Text.StartsWith(before, StringComparison.Ordinal)) wrong.Add($"{offset}: the text was '{before}' and is '{cut.Text}'");
                before = cut.Text;
            }
        }

        if (before != whole.Text) wrong.Add($"the last cut has '{before}' of '{whole.Text}'");
        return [.. wrong];
    }

    private static bool IsAtEventEnd(RecordedStream stream, int offset) => ((List<int>)stream.EventEnds).BinarySearch(offset) >= 0;

    private static bool IsRight(RecordedStream stream, Reading whole, Reading cut, int offset)
    {
        if (cut.Answer is { } answer)
        {
            // Shortened, it would be the worst thing this library can do. After a finish reason nobody can tell that such a host meant to send an error.
            if (offset < stream.End) return false;
            if (stream.RepeatsItsEnd) return whole.Text.StartsWith(answer.Text, StringComparison.Ordinal);
            if (!stream.MayBreakAfterEnd) return cut.Shape == whole.Shape;
            return whole.Answer is null || (answer.Text == whole.Text && answer.FinishReason == whole.Answer.FinishReason);
        }

        // A stream that carries an error has it from some event on.
        if (whole.Error is HarborException known && cut.Error is HarborException same && same.Message == known.Message) return true;
        return cut.IsInterruption && (offset < stream.End || stream.MayBreakAfterEnd);
    }
}
