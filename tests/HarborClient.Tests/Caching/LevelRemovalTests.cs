using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

// What is removed is not delivered any more, on whatever way it is, and whether the level can be reached or not.
public sealed class LevelRemovalTests : IAsyncLifetime
{
    private static readonly CacheSelection Tag = new(CacheSelectionKind.Tag, "tag");
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly LevelFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    public static TheoryData<CacheSelectionKind, string> Selections => new()
    {
        { CacheSelectionKind.Key, "chat:a/b:key" },
        { CacheSelectionKind.Tag, "tag" },
        { CacheSelectionKind.Prefix, "chat:a/" },
        { CacheSelectionKind.Prefix, "" },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public async Task A_level_that_is_away_delivers_nothing_that_was_removed_and_removes_it_when_it_is_back(CacheSelectionKind kind, string value)
    {
        _fixture.Level.Items["chat:a/b:key"] = _fixture.Item("old", "tag");
        _fixture.Level.OnRemove = (_, _) => throw new IOException("gone");

        Func<Task> removal = () => _fixture.Guarded.RemoveAsync(new CacheSelection(kind, value), default).AsTask();

        HarborException error = (await removal.Should().ThrowAsync<HarborException>()).Which;
        (error.Kind, error.IsTransient).Should().Be((ErrorKind.Network, true));
        error.Message.Should().Contain("ScriptedLevel (Distributed)").And.Contain(kind.ToString().ToLowerInvariant());
        (await _fixture.Guarded.GetAsync("chat:a/b:key")).Should().BeNull();
        _fixture.Time.Advance(Moment);
        _fixture.Level.Items["chat:a/b:key"] = _fixture.Item("new", "tag");
        (await _fixture.Guarded.GetAsync("chat:a/b:key")).Should().NotBeNull("it was made after the removal");

        _fixture.Time.Advance(LevelBreaker.Pause);
        await LevelFixture.UntilAsync(() => _fixture.Level.Removed.Count == 2);
        _fixture.Level.OnRemove = null;
        await LevelFixture.UntilAsync(() =>
        {
            _fixture.Time.Advance(LevelBreaker.Pause);
            return _fixture.Level.Items.IsEmpty;
        });
        await LevelFixture.UntilAsync(() =>
        {
            _fixture.Time.Advance(LevelBreaker.Pause);
            return _fixture.Time.PendingTimers == 0;
        });
    }

    [Fact]
    public async Task What_has_nothing_to_do_with_a_removal_stays()
    {
        _fixture.Level.Items["chat:a/b:key"] = _fixture.Item("fine", "other");
        _fixture.Time.Advance(Moment);

        await _fixture.Guarded.RemoveAsync(Tag, default);
        await _fixture.Guarded.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, "chat:a/b"), default);
        await _fixture.Guarded.RemoveAsync(new CacheSelection(CacheSelectionKind.Prefix, "CHAT:"), default);

        (await _fixture.Guarded.GetAsync("chat:a/b:key")).Should().NotBeNull();
    }

    [Fact]
    public async Task What_is_queued_when_it_is_removed_is_not_written_and_what_is_queued_later_is()
    {
        var gate = new TaskCompletionSource();
        _fixture.Level.OnSet = (_, _) => new(gate.Task);
        for (int i = 0; i < 8; i++) _fixture.Guarded.TryWrite($"{i}", _fixture.Item());
        await _fixture.Level.Changed(8);
        _fixture.Guarded.TryWrite("queued", _fixture.Item("fine", "tag"));

        Task removal = _fixture.Guarded.RemoveAsync(Tag, default).AsTask();
        _fixture.Time.Advance(Moment);
        _fixture.Guarded.TryWrite("later", _fixture.Item("fine", "tag"));
        removal.IsCompleted.Should().BeFalse("writes are under way");
        _fixture.Level.Removed.Should().BeEmpty();
        gate.SetResult();
        await removal.Guarded();
        await _fixture.DisposeAsync();

        _fixture.Level.Written.Should().Contain("later").And.NotContain("queued");
        _fixture.Guarded.Statistics.Dropped.Should().Be(1);
    }

    [Fact]
    public async Task A_removal_follows_a_write_that_is_under_way()
    {
        var gate = new TaskCompletionSource();
        _fixture.Level.OnSet = (_, _) => new(gate.Task);
        _fixture.Guarded.TryWrite("key", _fixture.Item("fine", "tag"));
        await _fixture.Level.Changed(1);

        Task removal = _fixture.Guarded.RemoveAsync(Tag, default).AsTask();
        gate.SetResult();
        await removal.Guarded();
        await _fixture.DisposeAsync();

        _fixture.Level.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_read_when_it_is_removed_is_not_delivered()
    {
        var answer = new TaskCompletionSource<CacheItem?>();
        _fixture.Level.OnGet = (_, _) => new(answer.Task);
        Task<CacheItem?> read = _fixture.Guarded.GetAsync("key").AsTask();
        await _fixture.Guarded.RemoveAsync(Tag, default);

        answer.SetResult(_fixture.Item("fine", "tag"));

        (await read.Guarded()).Should().BeNull();
        _fixture.Level.OnGet = null;
        _fixture.Level.Items["key"] = _fixture.Item("new", "tag");
        (await _fixture.Guarded.GetAsync("key")).Should().NotBeNull("the level has carried out the removal, and has it all the same");
    }

    [Fact]
    public async Task What_another_process_removes_is_neither_delivered_nor_written()
    {
        List<CacheSelection?> told = [];
        _fixture.Guarded.Watch(told.Add);
        var gate = new TaskCompletionSource();
        _fixture.Level.OnSet = (key, _) => key == "under way" ? new(gate.Task) : default;
        _fixture.Guarded.TryWrite("under way", _fixture.Item("fine", "tag"));
        await _fixture.Level.Changed(1);
        _fixture.Level.Items["key"] = _fixture.Item("old", "tag");
        _fixture.Time.Advance(Moment);

        _fixture.Level.TellOfRemoval(Tag);
        _fixture.Level.TellOfRemoval(null);

        told.Should().Equal(Tag, null);
        (await _fixture.Guarded.GetAsync("key")).Should().BeNull();
        gate.SetResult();
        await _fixture.DisposeAsync();
        _fixture.Level.Items.Keys.Should().Equal("key");
        _fixture.Level.Removed.Should().Equal([new CacheSelection(CacheSelectionKind.Key, "under way")], "it came too late for the other process's removal");
    }

    [Fact]
    public async Task More_removals_than_are_remembered_stand_for_everything_before_them()
    {
        _fixture.Level.OnRemove = (_, _) => throw new IOException("gone");
        _fixture.Level.Items["0"] = _fixture.Item();
        _fixture.Level.Items["unconcerned"] = _fixture.Item();
        _fixture.Time.Advance(Moment);
        for (int i = 0; i < 1_001; i++)
        {
            Func<Task> removal = () => _fixture.Guarded.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, $"{i}"), default).AsTask();
            await removal.Should().ThrowAsync<HarborException>();
        }

        (await _fixture.Guarded.GetAsync("0")).Should().BeNull();
        (await _fixture.Guarded.GetAsync("unconcerned")).Should().BeNull("a removal too many costs a call, one too few a wrong answer");
        _fixture.Time.Advance(Moment);
        _fixture.Level.Items["unconcerned"] = _fixture.Item();
        (await _fixture.Guarded.GetAsync("unconcerned")).Should().NotBeNull();
    }

    [Fact]
    public async Task Many_removals_that_were_carried_out_cost_no_other_entry()
    {
        _fixture.Level.Items["unconcerned"] = _fixture.Item();
        _fixture.Time.Advance(Moment);

        for (int i = 0; i < 3_000; i++) await _fixture.Guarded.RemoveAsync(new CacheSelection(CacheSelectionKind.Key, $"{i}"), default);

        (await _fixture.Guarded.GetAsync("unconcerned")).Should().NotBeNull();
    }

    [Fact]
    public async Task A_removal_waits_five_seconds_for_the_level()
    {
        _fixture.Level.OnRemove = (_, _) => new(new TaskCompletionSource().Task);
        Task removal = _fixture.Guarded.RemoveAsync(Tag, default).AsTask();

        _fixture.Time.Advance(TimeSpan.FromSeconds(4.9));
        removal.IsCompleted.Should().BeFalse();
        _fixture.Time.Advance(TimeSpan.FromSeconds(0.1));

        await removal.Awaiting(task => task.Guarded()).Should().ThrowAsync<HarborException>();
    }

    [Fact]
    public async Task Who_cancels_a_removal_leaves_it_to_the_client()
    {
        _fixture.Level.OnRemove = (_, _) => new(new TaskCompletionSource().Task);
        _fixture.Level.Items["key"] = _fixture.Item("old", "tag");
        using var cancel = new CancellationTokenSource();
        Task removal = _fixture.Guarded.RemoveAsync(Tag, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await removal.Awaiting(task => task.Guarded()).Should().ThrowAsync<OperationCanceledException>();
        (await _fixture.Guarded.GetAsync("key")).Should().BeNull();
        _fixture.Level.OnRemove = null;
        await LevelFixture.UntilAsync(() =>
        {
            _fixture.Time.Advance(LevelBreaker.Pause);
            return _fixture.Level.Items.IsEmpty;
        });
    }
}
