using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// What a user's function made is kept: for how long, for whom, and what becomes of it.
public sealed class OwnValueTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task A_function_runs_once_until_its_value_expires_in_every_mode(PerformanceMode mode)
    {
        await using FastClient client = OwnClients.Create(_time, b => b.UseCache(c => c.TtlJitter = 0), mode);
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting();

        string first = await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10));
        string second = await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(10));
        string third = await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10));

        (first, second, third).Should().Be(("value 1", "value 1", "value 2"));
        client.Cache.Statistics.Should().BeEquivalentTo(new { MemoryHits = 1, Misses = 2, Stored = 2, Coalesced = 0, Entries = 1, SavedTokens = 0 });
        client.Cache.Statistics.Bytes.Should().BeInRange(200, 1_000);
    }

    [Fact]
    public async Task Without_a_ttl_a_value_is_kept_as_long_as_an_answer()
    {
        await using FastClient client = OwnClients.Create(_time, b => b.UseMemoryCache(m => m.Ttl = TimeSpan.FromMinutes(2)).UseCache(c => (c.TtlJitter, c.RefreshAfter) = (0, 1)));
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting();
        await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String);

        _time.Advance(TimeSpan.FromMinutes(1.9));
        string kept = await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String);
        _time.Advance(TimeSpan.FromMinutes(0.1));
        string made = await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String);

        (kept, made).Should().Be(("value 1", "value 2"));
    }

    [Fact]
    public async Task Values_that_are_made_together_do_not_expire_together()
    {
        await using FastClient client = OwnClients.Create(_time, b => b.UseCache(c => c.RefreshAfter = 1));
        int runs = 0;
        async Task AskAsync(int key) => await client.Cache.GetOrCreateAsync($"key {key}", OwnFunction.Counting(_ => Interlocked.Increment(ref runs)), OwnJson.Default.String, TimeSpan.FromMinutes(10));
        for (int key = 0; key < 100; key++) await AskAsync(key);

        _time.Advance(TimeSpan.FromMinutes(10));
        for (int key = 0; key < 100; key++) await AskAsync(key);

        runs.Should().BeInRange(130, 170);
    }

    [Fact]
    public async Task What_a_caller_does_to_its_value_nobody_else_sees()
    {
        await using FastClient client = OwnClients.Create(_time);
        var made = new Basket { Items = ["apple"] };
        Task<Basket> AskAsync() => client.Cache.GetOrCreateAsync("basket", _ => new ValueTask<Basket>(made), OwnJson.Default.Basket).AsTask();

        Basket[] together = await Task.WhenAll(AskAsync(), AskAsync());
        together[0].Items.Add("pear");
        made.Items.Clear();
        Basket later = await AskAsync();
        later.Items.Add("plum");

        together[0].Should().NotBeSameAs(made);
        together[1].Items.Should().Equal("apple");
        (await AskAsync()).Items.Should().Equal("apple");
    }

    [Fact]
    public async Task Null_is_a_value()
    {
        await using FastClient client = OwnClients.Create(_time);
        int runs = 0;
        ValueTask<string?> Function(CancellationToken token)
        {
            runs++;
            return new ValueTask<string?>((string?)null);
        }

        (await client.Cache.GetOrCreateAsync("key", Function, OwnJson.Default.String!)).Should().BeNull();
        (await client.Cache.GetOrCreateAsync("key", Function, OwnJson.Default.String!)).Should().BeNull();

        runs.Should().Be(1);
    }

    [Fact]
    public async Task A_key_that_is_used_for_another_type_is_made_anew()
    {
        await using FastClient client = OwnClients.Create(_time);
        await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<Basket>(new Basket()), OwnJson.Default.Basket);

        Weight weight = await client.Cache.GetOrCreateAsync("key", _ => new ValueTask<Weight>(new Weight(7)), OwnJson.Default.Weight);

        weight.Grams.Should().Be(7);
    }

    [Fact]
    public async Task An_error_of_the_function_passes_as_it_is_and_is_not_kept()
    {
        await using FastClient client = OwnClients.Create(_time);
        int runs = 0;
        ValueTask<string> Function(CancellationToken token) => ++runs == 1 ? throw new InvalidOperationException("mine") : new ValueTask<string>("well");
        Func<Task> first = () => client.Cache.GetOrCreateAsync("key", Function, OwnJson.Default.String).AsTask();

        (await first.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Be("mine");
        (await client.Cache.GetOrCreateAsync("key", Function, OwnJson.Default.String)).Should().Be("well");

        client.Cache.Statistics.Should().BeEquivalentTo(new { Misses = 2, Stored = 1 });
    }

    [Fact]
    public async Task An_expired_value_serves_where_the_function_fails_for_as_long_as_it_may()
    {
        var logs = new RecordedLogs();
        await using FastClient client = OwnClients.Create(_time, b => b.UseLoggerFactory(logs).UseCache(c => (c.TtlJitter, c.StaleFor) = (0, TimeSpan.FromHours(1))));
        Exception? failure = null;
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting(_ =>
        {
            if (failure is not null) throw failure;
        });
        Task<string> AskAsync() => client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10)).AsTask();
        await AskAsync();
        _time.Advance(TimeSpan.FromMinutes(30));

        failure = new IOException("down");
        string stale = await AskAsync();
        failure = new TaskCanceledException("it gave up by itself, as an HttpClient does after its Timeout");
        string given = await AskAsync();
        failure = null;
        string made = await AskAsync();
        _time.Advance(TimeSpan.FromMinutes(71));
        failure = new IOException("down");

        (stale, given, made).Should().Be(("value 1", "value 1", "value 4"));
        await FluentActions.Awaiting(AskAsync).Should().ThrowAsync<IOException>("it has been expired for more than an hour");
        logs.Of(42).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_value_near_its_end_is_made_anew_once_behind_the_callers()
    {
        await using FastClient client = OwnClients.Create(_time, b => b.UseCache(c => c.TtlJitter = 0));
        var held = new OwnFunction();
        int runs = 0;
        ValueTask<string> Function(CancellationToken token) => Interlocked.Increment(ref runs) == 1 ? new ValueTask<string>("old") : held.RunAsync(token);
        Task<string> AskAsync() => client.Cache.GetOrCreateAsync("key", Function, OwnJson.Default.String, TimeSpan.FromMinutes(10)).AsTask();
        await AskAsync();
        _time.Advance(TimeSpan.FromMinutes(8.9));
        await AskAsync();
        runs.Should().Be(1, "it is not time yet");
        _time.Advance(TimeSpan.FromMinutes(0.2));

        string[] values = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync())).Guarded();
        await held.Started;
        _time.Advance(TimeSpan.FromMinutes(1));
        Task<string> late = AskAsync();
        held.End("new");

        values.Should().AllBe("old");
        (await late.Guarded()).Should().Be("new", "it waits for the one that is being made");
        (await AskAsync()).Should().Be("new");
        runs.Should().Be(2);
    }

    [Fact]
    public async Task A_refresh_that_fails_leaves_what_is_kept()
    {
        var logs = new RecordedLogs();
        await using FastClient client = OwnClients.Create(_time, b => b.UseLoggerFactory(logs).UseCache(c => c.TtlJitter = 0));
        Func<CancellationToken, ValueTask<string>> function = OwnFunction.Counting(run =>
        {
            if (run > 1) throw new IOException("down");
        });
        await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(9.5));

        await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10));
        await logs.Logged(41);

        (await client.Cache.GetOrCreateAsync("key", function, OwnJson.Default.String, TimeSpan.FromMinutes(10))).Should().Be("value 1");
    }

    public static TheoryData<string> WrongKeys => ["", new string('k', 401), "a\nb", "a\u0000", "a\u0085"];

    [Theory]
    [MemberData(nameof(WrongKeys))]
    public async Task A_key_that_levels_could_not_keep_apart_is_refused(string key)
    {
        await using FastClient client = OwnClients.Create(_time);

        HarborException error = client.Cache.Invoking(c => c.GetOrCreateAsync(key, OwnFunction.Counting(), OwnJson.Default.String)).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("1 to 400 characters").And.Contain($"it has {key.Length}");
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_refused()
    {
        await using FastClient client = OwnClients.Create(_time);

        // Not a theory: test frameworks lose such characters, as levels would.
        foreach (string key in (string[])["\ud800", "a\udc00b", "\ud83d\ude00\ude00"])
            client.Cache.Invoking(c => c.GetOrCreateAsync(key, OwnFunction.Counting(), OwnJson.Default.String)).Should().Throw<HarborException>();
    }

    [Fact]
    public async Task A_key_may_have_any_visible_character()
    {
        await using FastClient client = OwnClients.Create(_time);

        (await client.Cache.GetOrCreateAsync("a b:ä中\U0001F600" + new string('k', 392), OwnFunction.Counting(), OwnJson.Default.String)).Should().Be("value 1");
    }

    [Fact]
    public async Task A_ttl_or_tag_that_cannot_be_is_refused()
    {
        await using FastClient client = OwnClients.Create(_time);
        Action Asking(TimeSpan? ttl, params string[] tags) => () => client.Cache.GetOrCreateAsync("key", OwnFunction.Counting(), OwnJson.Default.String, ttl, tags).AsTask();

        Asking(TimeSpan.Zero).Should().Throw<HarborException>().WithMessage("*ttl*");
        Asking(TimeSpan.MaxValue).Should().Throw<HarborException>().WithMessage("*365 days*");
        Asking(null, "fine", "").Should().Throw<HarborException>().WithMessage("*1 to 200 characters*");
        Asking(null, new string('t', 201)).Should().Throw<HarborException>();
        Asking(TimeSpan.FromDays(365), new string('t', 200)).Should().NotThrow();
    }
}
