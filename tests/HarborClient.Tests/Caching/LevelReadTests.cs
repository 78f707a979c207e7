using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

// Reading from a level that may be slow, fail, answer nonsense or never: a call waits for it no longer than the budget.
public sealed class LevelReadTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestBudget = TimeSpan.FromMilliseconds(50);

    private readonly LevelFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task What_the_level_has_is_delivered()
    {
        _fixture.Level.Items["key"] = _fixture.Item();

        (await _fixture.Guarded.GetAsync("key"))!.Payload.ToArray().Should().Equal("fine"u8.ToArray());
        (await _fixture.Guarded.GetAsync("other")).Should().BeNull();

        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Name = "ScriptedLevel", Level = CacheLevel.Distributed, IsAsked = true, Hits = 1, Misses = 1, Failures = 0, Timeouts = 0 });
    }

    [Fact]
    public async Task What_has_expired_is_a_miss()
    {
        _fixture.Level.Items["key"] = _fixture.Item();
        _fixture.Time.Advance(TimeSpan.FromHours(1));

        (await _fixture.Guarded.GetAsync("key")).Should().BeNull();
    }

    [Fact]
    public async Task An_answer_after_the_budget_is_a_miss_and_the_level_is_told()
    {
        var answer = new TaskCompletionSource<CacheItem?>();
        CancellationToken told = default;
        _fixture.Level.OnGet = (_, token) =>
        {
            told = token;
            return new(answer.Task);
        };

        (await _fixture.ReadAsync()).Should().Be((null, LongestBudget));

        told.IsCancellationRequested.Should().BeTrue();
        answer.SetResult(_fixture.Item());
        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Timeouts = 1, Hits = 0, Misses = 0 });
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(4, 12)]
    [InlineData(16, 48)]
    [InlineData(30, 50)]
    public async Task The_budget_is_three_times_what_reads_usually_take(int takes, int budget)
    {
        _fixture.Guarded.Statistics.Budget.Should().Be(LongestBudget, "nothing is known");
        _fixture.Level.OnGet = (_, _) =>
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(takes));
            return default;
        };

        for (int i = 0; i < 40; i++) await _fixture.Guarded.GetAsync("key");

        LevelStatistics statistics = _fixture.Guarded.Statistics;
        statistics.Budget.Should().Be(TimeSpan.FromMilliseconds(budget));
        (statistics.MedianRead, statistics.Percentile95Read).Should().Be((TimeSpan.FromMilliseconds(takes), TimeSpan.FromMilliseconds(takes)));
        _fixture.Level.OnGet = (_, _) => new(new TaskCompletionSource<CacheItem?>().Task);
        (await _fixture.ReadAsync()).Should().Be((null, TimeSpan.FromMilliseconds(budget)));
    }

    [Fact]
    public async Task A_level_that_has_become_slower_is_waited_for_longer_soon()
    {
        for (int i = 0; i < 100; i++) await _fixture.Guarded.GetAsync("key");
        _fixture.Guarded.Statistics.Budget.Should().Be(TimeSpan.FromMilliseconds(5));
        _fixture.Level.Items["key"] = _fixture.Item();
        _fixture.Level.OnGet = async (key, token) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _fixture.Time, token);
            return _fixture.Level.Items[key];
        };

        int reads = 0;
        while ((await _fixture.ReadAsync()).Item is null)
        {
            (++reads).Should().BeLessThan(60);
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }

        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { IsAsked = true });
    }

    [Theory]
    [InlineData("throws at once")]
    [InlineData("throws later")]
    [InlineData("cancels")]
    [InlineData("never answers")]
    [InlineData("answers late")]
    public async Task A_level_that_fails_is_left_alone_and_found_again(string how)
    {
        _fixture.Level.OnGet = (_, token) => how switch
        {
            "throws at once" => throw new InvalidDataException("garbage"),
            "throws later" => new(Task.FromException<CacheItem?>(new IOException("gone"))),
            "cancels" => new(Task.FromCanceled<CacheItem?>(new CancellationToken(true))),
            "never answers" => new(new TaskCompletionSource<CacheItem?>().Task),
            _ => LateAsync(token),
        };
        for (int i = 0; i < LevelBreaker.Failures; i++)
        {
            _fixture.Guarded.Statistics.IsAsked.Should().BeTrue();
            (await _fixture.ReadAsync()).Took.Should().BeLessThanOrEqualTo(LongestBudget);
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _fixture.Level.Gets.Should().Be(5);
        for (int i = 0; i < 100; i++) (await _fixture.ReadAsync()).Should().Be((null, TimeSpan.Zero), "nobody waits for it any more");
        _fixture.Level.Gets.Should().Be(5);

        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 100; i++) _fixture.Guarded.GetAsync("key").AsTask().IsCompletedSuccessfully.Should().BeTrue("the probe is nobody's wait");
        _fixture.Level.Gets.Should().Be(6, "one asks");

        _fixture.Level.OnGet = null;
        _fixture.Level.Items["key"] = _fixture.Item();
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await _fixture.Guarded.GetAsync("key");
        (await _fixture.Guarded.GetAsync("key")).Should().NotBeNull();
        _fixture.Logs.Entries.Select(entry => entry.EventId).Should().Equal(LevelFixture.Failed, LevelFixture.IsBack);

        async ValueTask<CacheItem?> LateAsync(CancellationToken token)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _fixture.Time, token);
            return null;
        }
    }

    [Fact]
    public async Task Reads_that_run_out_of_time_at_once_are_one_failure()
    {
        _fixture.Level.OnGet = (_, _) => new(new TaskCompletionSource<CacheItem?>().Task);
        Task<CacheItem?>[] reads = [.. Enumerable.Range(0, 32).Select(_ => _fixture.Guarded.GetAsync("key").AsTask())];

        _fixture.Time.Advance(LongestBudget);

        (await Task.WhenAll(reads).Guarded()).Should().OnlyContain(item => item == null);
        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Timeouts = 32, IsAsked = true });
    }

    [Fact]
    public async Task Single_failures_among_many_answers_do_not_count()
    {
        for (int i = 0; i < 1_000; i++)
        {
            _fixture.Level.OnGet = i % 10 == 0 ? (_, _) => throw new IOException("gone") : null;
            await _fixture.Guarded.GetAsync("key");
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _fixture.Guarded.Statistics.Should().BeEquivalentTo(new { Failures = 100, Misses = 900, Unasked = 0, IsAsked = true });
        _fixture.Logs.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Failures_that_lie_far_apart_do_not_add_up()
    {
        _fixture.Level.OnGet = (_, _) => throw new IOException("gone");
        for (int i = 0; i < 20; i++)
        {
            await _fixture.Guarded.GetAsync("key");
            _fixture.Time.Advance(TimeSpan.FromSeconds(3));
        }

        _fixture.Guarded.Statistics.IsAsked.Should().BeTrue();
    }

    [Fact]
    public async Task An_entry_that_is_none_is_a_miss()
    {
        _fixture.Level.Items["key"] = new CacheItem(default, default, DateTimeOffset.MaxValue, null!);

        (await _fixture.Guarded.GetAsync("key")).Should().BeNull();
    }

    [Fact]
    public async Task Reads_after_the_end_are_misses()
    {
        _fixture.Level.Items["key"] = _fixture.Item();
        await _fixture.Guarded.DisposeAsync();

        (await _fixture.Guarded.GetAsync("key")).Should().BeNull();
    }
}
