using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// Where the network cuts a stream into pieces changes nothing of the answer.
[Collection(RobustnessCollection.Name)]
public sealed class EverySplitTests
{
    private const int MostVaried = 10;
    private const int OfTheOthers = 50;
    private const int Seed = 20_261_124;

    [RecordedTrafficFact]
    public async Task Every_recorded_stream_reads_the_same_in_any_two_pieces_and_byte_by_byte()
    {
        RecordedStream[] streams = [.. RecordedStream.All().OrderByDescending(Variety)];
        HashSet<string> varied = [.. streams.Take(MostVaried).Select(stream => stream.Name)];
        long splits = 0;
        await Parallel.ForEachAsync(streams, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (stream, _) =>
        {
            var handler = new BytesHandler();
            await using FastClient client = RecordedClients.Of(stream.Provider, handler, TimeProvider.System);
            handler.Answer(stream.Body, "text/event-stream");
            string whole = MadeUp.Anonymous((await Reading.FoldedAsync(client)).Shape);
            handler.AnswerByteByByte(stream.Body, "text/event-stream");
            MadeUp.Anonymous((await Reading.FoldedAsync(client)).Shape).Should().Be(whole, "{0} comes byte by byte", stream.Name);
            handler.AnswerByteByByte(stream.Body, "text/event-stream");
            MadeUp.Anonymous((await Reading.StreamedAsync(client)).Shape).Should().Be(whole, "{0} comes byte by byte and is read as updates", stream.Name);

            foreach (int offset in Offsets(stream, varied.Contains(stream.Name)))
            {
                handler.Answer(stream.Body, "text/event-stream", 200, offset);
                string split = MadeUp.Anonymous((await Reading.FoldedAsync(client)).Shape);
                if (split != whole) Assert.Fail($"{stream.Name} split at {offset}: {split} instead of {whole}");
                Interlocked.Increment(ref splits);
            }

            client.Outstanding().Should().Be(Outstanding.None);
        });

        TestReport.Add($"split in two: {streams.Length} recorded streams, of the {MostVaried} most varied at every byte, {splits} splits; all byte by byte too");
    }

    // Kinds of events and members: what a stream has that others may not.
    private static int Variety(RecordedStream stream) =>
        System.Text.Encoding.UTF8.GetString(stream.Body).Split('"').Where((_, i) => i % 2 == 1).Where(word => word.Length is > 2 and < 40 && word.All(c => char.IsAsciiLetterLower(c) || c is '_' or '.')).Distinct().Count();

    private static IEnumerable<int> Offsets(RecordedStream stream, bool all)
    {
        if (all) return Enumerable.Range(1, stream.Body.Length - 1);
        var random = new Random(Seed);
        return Enumerable.Range(0, OfTheOthers).Select(_ => 1 + random.Next(stream.Body.Length - 1));
    }
}
