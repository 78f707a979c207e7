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

    // All that a caller sees, update by update and folded. Positions within an event and where a quotation of it is cut are not the same, for blanks were added.
    private static async Task<string> SeenAsync(FastClient client, BytesHandler handler, byte[] body)
    {
        var seen = new StringBuilder();
        handler.Answer(body, "text/event-stream");
        List<ChatResponseUpdate> updates = [];
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi").ConfigureAwait(false))
            {
                updates.Add(update);
                AddContents(seen, update.Contents);
            }

            seen.Append(AnswerShape.Of(updates.ToHarborResponse()));
        }
        catch (HarborException e)
        {
            AddError(seen, e);
        }

        handler.Answer(body, "text/event-stream");
        Reading folded = await Reading.FoldedAsync(client);
        if (folded.Error is HarborException error) AddError(seen, error);
        AddContents(seen, folded.Partial?.Messages.SelectMany(message => message.Contents) ?? []);
        foreach ((string name, object? value) in folded.Answer?.AdditionalProperties ?? []) seen.Append(name).Append('=').Append(value).Append('|');
        return MadeUp.Anonymous(seen.ToString());
    }

    private static void AddContents(StringBuilder seen, IEnumerable<AIContent> contents)
    {
        foreach (AIContent content in contents) seen.Append(content.GetType().Name).Append(':').Append(content).Append(content.Annotations?.Count).Append('|');
    }

    private static void AddError(StringBuilder seen, HarborException error) =>
        seen.Append(error.Kind).Append(Positions().Replace(error.Message.Split('\'')[0], "")).Append((error as StreamInterruptedException)?.Partial.Text);

    [GeneratedRegex(@"[\s\d]+")]
    private static partial Regex Positions();
}
