using System.Collections;
using System.Reflection;
using HarborClient.Pipeline.Stages;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Callers who share a long stream and read it slowly.
public sealed class LeftBehindTests
{
    private const int PieceBytes = 32 << 10;

    private static readonly string[] Pieces = [.. Enumerable.Range(0, 100).Select(i => $"{i:000}".PadRight(PieceBytes, (char)('a' + (i % 26))))];
    private static readonly string Whole = string.Concat(Pieces);
    private static readonly HarborChatOptions Deterministic = new() { Temperature = 0 };

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task One_who_stops_reading_asks_by_itself_from_there_on_without_a_seam_and_is_charged(PerformanceMode mode)
    {
        ProviderEmulator provider = Provider(Pieces);
        await using FastClient client = TestClients.OpenAI(provider, _time, mode);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);

        for (int i = 0; i < 90; i++)
        {
            await ReadAsync(opener, 1);
            await ReadAsync(other, 1);
        }

        await slow.RestAsync(_time);
        await opener.RestAsync(_time);
        await other.RestAsync(_time);

        new[] { opener.Text, slow.Text, other.Text }.Should().AllBe(Whole);
        provider.Attempts.Should().HaveCount(2);
        opener.Usage.Should().BePositive();
        slow.Usage.Should().BePositive("it asked by itself");
        other.Usage.Should().Be(0);
        slow.Info.Attempts.Should().ContainSingle();
        slow.Info.Decisions.Should().Contain(decision => decision.Kind == DecisionKind.Restart && decision.Reason.Contains("1 MiB"));
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task No_more_is_written_down_for_slow_readers_than_the_bound()
    {
        await using FastClient client = TestClients.Balanced(Provider(Pieces), _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);
        long most = 0;

        for (int i = 0; i < 90; i++)
        {
            await ReadAsync(opener, 1);
            await ReadAsync(other, 1);
            most = Math.Max(most, LogOf(client).HeldBytes);
        }

        most.Should().BeGreaterThan(Flight.MostBehindBytes / 2).And.BeLessThan((2 * Flight.MostBehindBytes) + (2 * PieceBytes));
        LogOf(client).HeldBytes.Should().BeLessThan(3 * PieceBytes, "who is left reads as it comes");
        foreach (Reading reading in new[] { opener, slow, other }) await reading.DisposeAsync();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_is_less_behind_shares_to_the_end()
    {
        ProviderEmulator provider = Provider(Pieces[..30]);
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);

        await opener.RestAsync(_time);
        await other.RestAsync(_time);
        await slow.RestAsync(_time);

        new[] { opener.Text, slow.Text, other.Text }.Should().AllBe(string.Concat(Pieces[..30]));
        provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task Whoever_opened_the_answer_is_never_left_behind()
    {
        ProviderEmulator provider = Provider(Pieces);
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);
        await slow.DisposeAsync();

        await other.RestAsync(_time);
        await opener.RestAsync(_time);

        opener.Text.Should().Be(Whole);
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Where_the_new_answer_says_something_else_the_stream_is_interrupted_and_says_why()
    {
        ProviderEmulator provider = Provider(Pieces).ThenReply(Reply(Pieces)).ThenReply(Reply(["Something else.", .. Pieces]));
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, _) = await ThreeAsync(client);
        await opener.RestAsync(_time);

        StreamInterruptedException error = (await slow.Awaiting(reading => reading.RestAsync(_time)).Should().ThrowAsync<StreamInterruptedException>()).Which;

        error.Message.Should().Contain("more than 1 MiB behind").And.Contain("Cache = Bypass");
        error.Partial.Text.Should().Be(slow.Text);
        error.Provider.Should().Be("openai");
        error.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Where_it_cannot_be_asked_by_itself_the_stream_is_interrupted_with_what_it_had()
    {
        ProviderEmulator provider = Provider(Pieces).ThenReply(Reply(Pieces)).Then(503);
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);
        await opener.RestAsync(_time);

        StreamInterruptedException error = (await slow.Awaiting(reading => reading.RestAsync(_time)).Should().ThrowAsync<StreamInterruptedException>()).Which;

        error.InnerException.Should().BeOfType<HarborException>().Which.StatusCode.Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
        error.Partial.Text.Should().Be(slow.Text).And.NotBeEmpty();
        await other.DisposeAsync();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_comes_when_that_much_has_arrived_opens_an_answer_that_later_ones_share()
    {
        ProviderEmulator provider = Provider(Pieces);
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);
        await ReadAsync(opener, 50);

        var late = new Reading(client);
        await ReadAsync(late, 1);
        var later = new Reading(client);
        await ReadAsync(later, 1);
        provider.Attempts.Should().HaveCount(2);
        await later.RestAsync(_time);

        later.Text.Should().Be(Whole);
        provider.Attempts.Should().HaveCount(2);
        foreach (Reading reading in new[] { opener, slow, other, late, later }) await reading.DisposeAsync();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task One_who_leaves_after_it_was_left_behind_touches_nobody()
    {
        ProviderEmulator provider = Provider(Pieces);
        await using FastClient client = TestClients.Balanced(provider, _time);
        (Reading opener, Reading slow, Reading other) = await ThreeAsync(client);
        await ReadAsync(opener, 60);

        await slow.DisposeAsync();
        await opener.RestAsync(_time);
        await other.DisposeAsync();

        opener.Text.Should().Be(Whole);
        provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static EmulatedReply Reply(string[] pieces) => EmulatedReply.Answer(pieces).Usage(20, 9).DelayBetweenUpdates(TimeSpan.FromMilliseconds(1));

    private ProviderEmulator Provider(string[] pieces) => new ProviderEmulator(_time).Otherwise(Reply(pieces));

    // All three have had the first piece.
    private async Task<(Reading Opener, Reading Slow, Reading Other)> ThreeAsync(FastClient client)
    {
        var readings = new[] { new Reading(client), new Reading(client), new Reading(client) };
        foreach (Reading reading in readings) await ReadAsync(reading, 1);
        return (readings[0], readings[1], readings[2]);
    }

    private async Task ReadAsync(Reading reading, int pieces)
    {
        for (int i = 0; i < pieces; i++) await _time.AdvanceUntil(reading.MoveAsync());
    }

    // What is written down shows nowhere in public.
    private static FlightLog LogOf(FastClient client)
    {
        var chains = (PipelineStage[])Field(client, "_pipelines");
        PipelineStage? stage = chains[(int)PerformanceMode.Balanced];
        while (stage is not CoalesceStage) stage = stage!.Inner;
        var flights = (IDictionary)Field(stage, "_streams");
        return (FlightLog)Field(flights.Values.Cast<Flight>().Single(), "_log");
    }

    private static object Field(object owner, string name) => owner.GetType().GetField(name, BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(owner)!;

    private sealed class Reading(FastClient client) : IAsyncDisposable
    {
        private readonly List<ChatResponseUpdate> _updates = [];
        private readonly IAsyncEnumerator<ChatResponseUpdate> _stream = client.GetStreamingResponseAsync("hi", Deterministic).GetAsyncEnumerator();

        public string Text => string.Concat(_updates.Select(update => update.Text));

        public long Usage => _updates.ToChatResponse().Usage?.TotalTokenCount ?? -1;

        public HarborCallInfo Info => _updates.ToChatResponse().GetHarborInfo();

        public async Task<bool> MoveAsync()
        {
            bool hasMore = await _stream.MoveNextAsync().ConfigureAwait(false);
            if (hasMore) _updates.Add(_stream.Current);
            return hasMore;
        }

        public async Task RestAsync(ManualTimeProvider time)
        {
            while (true)
            {
                Task<bool> moving = MoveAsync();
                await time.AdvanceUntil(moving);
                if (!await moving) return;
            }
        }

        public ValueTask DisposeAsync() => _stream.DisposeAsync();
    }
}
