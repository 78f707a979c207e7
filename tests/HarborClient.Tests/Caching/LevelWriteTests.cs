using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

// Writing to a level behind the calls: nobody waits, memory is bounded, and what was not written is counted.
public sealed class LevelWriteTests : IAsyncLifetime
{
    private readonly LevelFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task What_is_written_is_there_in_the_end()
    {
        _fixture.Guarded.TryWrite("given", _fixture.Item()).Should().BeTrue();
        _fixture.Guarded.TryWrite("made", () => _fixture.Item(), 4).Should().BeTrue();
        await _fixture.DisposeAsync();

        _fixture.Level.Items.Keys.Should().BeEquivalentTo("given", "made");
        _fixture.Level.IsDisposed.Should().BeTrue();
        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Stored = 2, Dropped = 0, Queued = 0, QueuedBytes = 0 });
        _fixture.Guarded.TryWrite("late", _fixture.Item()).Should().BeFalse();
        _fixture.Guarded.Statistics.Dropped.Should().Be(1);
    }

    [Fact]
    public async Task A_full_queue_drops_the_oldest()
    {
        var gate = new TaskCompletionSource();
        _fixture.Level.OnSet = (_, _) => new(gate.Task);
        for (int i = 0; i < 8; i++) _fixture.Guarded.TryWrite($"{i}", _fixture.Item());
        await _fixture.Level.Changed(8);

        for (int i = 8; i < 3_000; i++) _fixture.Guarded.TryWrite($"{i}", _fixture.Item()).Should().BeTrue();

        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Queued = 1_000, Dropped = 1_992 });
        gate.SetResult();
        await _fixture.DisposeAsync();
        _fixture.Level.Items.Keys.Select(int.Parse).Order().Should().Equal([.. Enumerable.Range(0, 8), .. Enumerable.Range(2_000, 1_000)]);
        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Stored = 1_008, QueuedBytes = 0 });
    }

    [Fact]
    public async Task A_queue_of_large_entries_drops_the_oldest_beyond_16_MB()
    {
        var gate = new TaskCompletionSource();
        _fixture.Level.OnSet = (_, _) => new(gate.Task);
        for (int i = 0; i < 8; i++) _fixture.Guarded.TryWrite($"{i}", _fixture.Item());
        await _fixture.Level.Changed(8);

        for (int i = 8; i < 48; i++) _fixture.Guarded.TryWrite($"{i}", () => _fixture.Item(), 1_000_000).Should().BeTrue();
        _fixture.Guarded.TryWrite("too large by itself", () => _fixture.Item(), 17 << 20).Should().BeFalse();

        LevelStatistics statistics = _fixture.Guarded.Statistics;
        statistics.QueuedBytes.Should().BeInRange(15_000_000, LevelWriter.MostQueuedBytes);
        statistics.Should().BeEquivalentTo(new { Queued = 16, Dropped = 25 });
        gate.SetResult();
        await _fixture.DisposeAsync();
        _fixture.Level.Items.Keys.Should().Contain("47").And.NotContain("8");
    }

    [Fact]
    public async Task While_reads_fail_nothing_is_queued()
    {
        _fixture.Level.OnGet = (_, _) => throw new IOException("gone");
        await _fixture.FailUntilLeftAloneAsync();

        for (int i = 0; i < 10; i++) _fixture.Guarded.TryWrite("key", _fixture.Item()).Should().BeFalse();

        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Dropped = 10, Queued = 0, QueuedBytes = 0, IsWritten = false });
    }

    [Fact]
    public async Task A_level_that_takes_no_writes_is_still_read()
    {
        _fixture.Level.Items["key"] = _fixture.Item();
        _fixture.Level.OnSet = (_, _) => throw new IOException("out of memory");
        for (int i = 1; i <= LevelBreaker.Failures; i++)
        {
            _fixture.Guarded.TryWrite("new", _fixture.Item());
            await LevelFixture.UntilAsync(() => _fixture.Guarded.Statistics.FailedWrites == i);
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        (await _fixture.Guarded.GetAsync("key")).Should().NotBeNull();
        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { IsAsked = true, IsWritten = false, FailedWrites = 5 });
        for (int i = 1; i <= 10; i++) _fixture.Guarded.TryWrite("new", _fixture.Item());
        await LevelFixture.UntilAsync(() => _fixture.Guarded.Statistics.Dropped == 10);

        _fixture.Level.OnSet = null;
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        _fixture.Guarded.TryWrite("new", _fixture.Item());
        await _fixture.Logs.Logged(LevelFixture.TakesWrites);
        _fixture.Guarded.Statistics.Stored.Should().Be(1);
        _fixture.Logs.Entries.Select(entry => entry.EventId).Should().Equal(LevelFixture.TakesNoWrites, LevelFixture.TakesWrites);
        _fixture.Guarded.Statistics.IsWritten.Should().BeTrue();
    }

    [Fact]
    public async Task A_write_that_does_not_end_is_given_up()
    {
        CancellationToken told = default;
        _fixture.Level.OnSet = (_, token) =>
        {
            told = token;
            return new(new TaskCompletionSource().Task);
        };
        _fixture.Guarded.TryWrite("key", _fixture.Item());
        await _fixture.Time.TimerSet(LevelWriter.WriteTimeout).Guarded();

        _fixture.Time.Advance(LevelWriter.WriteTimeout);

        await LevelFixture.UntilAsync(() => _fixture.Guarded.Statistics.FailedWrites == 1 && told.IsCancellationRequested);
    }

    [Fact]
    public async Task The_end_waits_five_seconds_for_what_is_queued_and_not_longer()
    {
        _fixture.Level.OnSet = (_, _) => new(new TaskCompletionSource().Task);
        for (int i = 0; i < 100; i++) _fixture.Guarded.TryWrite($"{i}", _fixture.Item());
        await _fixture.Level.Changed(8);
        Task end = _fixture.Guarded.DisposeAsync().AsTask();
        await _fixture.Time.TimerSet(LevelWriter.LongestDrain).Guarded();
        end.IsCompleted.Should().BeFalse();

        for (int i = 0; i < 5; i++) _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        await end.Guarded();
        _fixture.Level.IsDisposed.Should().BeTrue();
        LevelStatistics statistics = _fixture.Guarded.Statistics;
        (statistics.Stored, statistics.Dropped + statistics.FailedWrites, statistics.QueuedBytes).Should().Be((0, 100, 0));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_made_is_logged_and_the_next_is_written()
    {
        _fixture.Guarded.TryWrite("bad", () => throw new InvalidOperationException("no codec"), 1);
        _fixture.Guarded.TryWrite("good", _fixture.Item());
        await _fixture.DisposeAsync();

        _fixture.Level.Items.Keys.Should().Equal("good");
        _fixture.Logs.Entries.Should().ContainSingle().Which.Message.Should().Contain("ScriptedLevel");
    }
}
