using System.Text;
using System.Text.RegularExpressions;
using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Robustness;

// An event that looks like the one before is not read token by token. Nobody may be able to tell.
[Collection(RobustnessCollection.Name)]
public sealed partial class EventFrameTests
{
    private const int MadeUpStreams = 20_000;
    private const int MutationsOfEach = 60;
    private const int FirstSeed = 20_261_125;

    [Fact]
    public async Task Made_up_events_give_the_same_whether_or_not_they_resemble_each_other()
    {
        List<string> wrong = [];
        await ForAllAsync(MadeUpStreams, wrong, seed => new MadeStreams(seed).Next());

        wrong.Should().BeEmpty();
    }

    [RecordedTrafficFact]
    public async Task Recorded_streams_give_the_same_whether_or_not_their_events_resemble_each_other()
    {
        IReadOnlyList<RecordedStream> streams = RecordedStream.All();
        List<string> wrong = [];
        await ForAllAsync(streams.Count * (MutationsOfEach + 1), wrong, seed =>
        {
            RecordedStream stream = streams[(seed - FirstSeed) % streams.Count];
            return (stream.Provider, seed - FirstSeed < streams.Count ? stream.Body : new Mutator(seed).Mutate(stream.Body));
        });

        wrong.Should().BeEmpty();
        TestReport.Add($"events that resemble each other: {streams.Count} recorded streams, each spoilt in {MutationsOfEach} ways, and {MadeUpStreams} made up ones");
    }

    private static async Task ForAllAsync(int count, List<string> wrong, Func<int, (string Provider, byte[] Body)> next)
    {
        int last = -1;
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(async () =>
        {
            var handler = new BytesHandler();
            Dictionary<string, FastClient> clients = RecordedClients.Providers.ToDictionary(provider => provider, provider => RecordedClients.Of(provider, handler, TimeProvider.System));
            for (int i = Interlocked.Increment(ref last); i < count && wrong.Count < 5; i = Interlocked.Increment(ref last))
            {
                (string provider, byte[] body) = next(FirstSeed + i);
                string asSent = await SeenAsync(clients[provider], handler, body);
                string inFull = await SeenAsync(clients[provider], handler, UnevenEvents.Of(body));
                if (asSent == inFull) continue;
                lock (wrong) wrong.Add($"{provider}, seed {FirstSeed + i}: {asSent}\ninstead of {inFull}\nof {Encoding.UTF8.GetString(body)}");
            }

            foreach (FastClient client in clients.Values)
            {
                client.Outstanding().Should().Be(Outstanding.None);
                client.Dispose();
            }
        })));
    }

    // All that a caller sees, update by update. Positions within an event and where a quotation of it is cut are not the same, for blanks were added.
    private static async Task<string> SeenAsync(FastClient client, BytesHandler handler, byte[] body)
    {
        handler.Answer(body, "text/event-stream");
        var seen = new StringBuilder();
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi").ConfigureAwait(false))
            {
                updates.Add(update);
                foreach (AIContent content in update.Contents) seen.Append(content.GetType().Name).Append(':').Append(content).Append(content.Annotations?.Count).Append('|');
            }

            seen.Append(AnswerShape.Of(updates.ToHarborResponse()));
        }
        catch (HarborException e)
        {
            seen.Append(e.Kind).Append(Positions().Replace(e.Message.Split('\'')[0], "")).Append((e as StreamInterruptedException)?.Partial.Text);
        }

        return MadeUp.Anonymous(seen.ToString());
    }

    [GeneratedRegex(@"[\s\d]+")]
    private static partial Regex Positions();
}
