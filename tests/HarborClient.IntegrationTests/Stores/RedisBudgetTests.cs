using System.Globalization;
using System.Text.RegularExpressions;
using HarborClient.Tests;
using HarborClient.Tests.Costs;
using StackExchange.Redis;

namespace HarborClient.IntegrationTests.Stores;

// The store of shared budgets against a real server, by itself and under clients.
public sealed partial class RedisBudgetTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    private readonly string _prefix = "test" + Guid.NewGuid().ToString("N");
    private readonly ProviderEmulator _provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer("hello").Usage(100, 50));

    [RedisFact]
    public async Task It_keeps_the_rules_of_stores()
    {
        await using RedisBudgetStore store = Store();
        var model = new MemoryBudgetStore(TimeProvider.System);
        var random = new Random(5);
        long[] spent = new long[4], sequence = new long[4];
        for (int i = 0; i < 500; i++)
        {
            // An old claim now and then, which changes nothing.
            int holder = random.Next(4);
            bool isOld = random.Next(5) == 0;
            if (!isOld) spent[holder] += random.NextInt64(3_000_000_000_000);
            BudgetClaim claim = Claim($"p{holder}", isOld ? sequence[holder] : ++sequence[holder], spent[holder]) with
            {
                Kept = new Money(spent[holder] + random.NextInt64(1_000_000_000)),
                Needed = new Money(random.NextInt64(20_000_000_000_000)),
                Wanted = new Money(random.NextInt64(90_000_000_000_000)),
            };

            (await store.RenewAsync(claim, default)).Should().Be(model.Apply(claim), "claim {0}", i);
        }
    }

    [RedisFact]
    public async Task Four_connections_are_granted_no_more_than_there_is()
    {
        RedisBudgetStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => Store())];

        BudgetLease[] leases = await Task.WhenAll(Enumerable.Range(0, 400).Select(i =>
            stores[i % 4].RenewAsync(Claim($"p{i}", 1, 0) with { Needed = Money.FromUsd(40_000), Wanted = Money.FromUsd(40_000) }, default).AsTask())).WaitAsync(Guard);

        leases.Sum(lease => lease.Granted.NanoUsd).Should().Be(Money.FromUsd(9_000_000).NanoUsd);
        foreach (RedisBudgetStore store in stores) await store.DisposeAsync();
    }

    [RedisFact]
    public async Task What_nobody_is_heard_of_holds_counts_as_spent_until_it_is_heard_of()
    {
        await using RedisBudgetStore store = Store();
        BudgetClaim dying = Claim("dying", 1, 5) with { Kept = new Money(100), Lifetime = TimeSpan.FromMilliseconds(50) };
        await store.RenewAsync(dying, default);

        long number = 0;
        await Poll.UntilAsync(async () => (await store.RenewAsync(Claim("other", ++number, 1), default)).Spent == new Money(101));

        BudgetLease back = await store.RenewAsync(dying with { Sequence = 2, Spent = new Money(40), Lifetime = TimeSpan.FromHours(1) }, default);
        back.Should().Be(new BudgetLease(new Money(100), new Money(101), new Money(41), new Money(101)));
    }

    [RedisFact]
    public async Task Every_key_lies_in_its_accounts_slot_and_expires()
    {
        await using RedisBudgetStore store = Store();
        await store.RenewAsync(Claim("p", 1, 5) with { Kept = new Money(100) }, default);
        await store.RenewAsync(Claim("p", 1, 5) with { Account = "ever", WindowEnds = null, Kept = new Money(100) }, default);
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);

        RedisKey[] keys = [.. connection.GetServer(redis.EndPoint).Keys(pattern: _prefix + "*")];

        keys.Should().HaveCount(4).And.OnlyContain(key => ((string)key!).StartsWith(_prefix + ":{budget:", StringComparison.Ordinal));
        foreach (RedisKey key in keys) (await connection.GetDatabase().KeyTimeToLiveAsync(key)).Should().BeGreaterThan(TimeSpan.FromHours(20));
    }

    [RedisFact]
    public async Task Hardly_a_call_touches_the_network()
    {
        const int calls = 3_000;
        await using FastClient client = Client(builder => builder.AddBudget("team", Money.FromUsd(100)).UseRedisBudgets(redis.Configuration, sharing => sharing.MaximumWait = Guard, _prefix));
        int before = await ScriptsAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async caller =>
        {
            for (int i = caller; i < calls; i += 16) await client.GetResponseAsync($"question {i}", new ChatOptions { MaxOutputTokens = 200 });
        }));

        int claims = await ScriptsAsync() - before;
        claims.Should().BeInRange(1, calls / 100);
        TestReport.Add($"shared budgets over Redis: {calls} calls, {claims} claims");
    }

    [RedisFact]
    public async Task A_client_whose_Redis_stops_refuses_and_goes_on_when_it_is_back()
    {
        using var own = new RedisServer();
        await own.InitializeAsync();
        var logs = new LoggedEvents();
        await using FastClient client = Client(builder => builder.AddBudget("team", Money.FromUsd(1)).UseLoggerFactory(logs)
            .UseRedisBudgets(own.Configuration, sharing => (sharing.LeaseTime, sharing.MaximumWait) = (TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(200)), _prefix));
        await Poll.UntilAsync(() => IsAnsweredAsync(client));

        await own.StopAsync();
        await Poll.UntilAsync(async () => !await IsAnsweredAsync(client));
        await logs.Logged(110, 1);
        await own.StartAsync();
        await Poll.UntilAsync(() => IsAnsweredAsync(client));

        // It came back with nothing, and was told again what is spent.
        await logs.Logged(111, 1);
        long spent = client.Costs.Budgets[0].Spent.NanoUsd;
        spent.Should().Be(_provider.Attempts.Count * 750_000L);
        client.Outstanding().Should().Be(Outstanding.None);
        await own.DisposeAsync();
    }

    [RedisFact]
    public async Task It_works_over_a_connection_that_is_handed_in_and_leaves_it_open()
    {
        using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        await using (FastClient client = Client(builder => builder.AddBudget("team", Money.FromUsd(1)).UseRedisBudgets(connection, prefix: _prefix)))
        {
            (await IsAnsweredAsync(client)).Should().BeTrue();
        }

        await redis.AskAsync("SCRIPT FLUSH");
        await using FastClient next = Client(builder => builder.AddBudget("team", Money.FromUsd(1)).UseRedisBudgets(connection, prefix: _prefix));
        (await IsAnsweredAsync(next)).Should().BeTrue();
        next.Costs.Budgets[0].Spent.Should().Be(Money.FromUsd(0.0015m), "the first is counted");
    }

    [RedisFact]
    public async Task A_cluster_serves_the_accounts_of_all_its_nodes()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync();
        await using FastClient one = Client(builder => builder.AddBudget("team", Money.FromUsd(1), budget => budget.Each = BudgetEach.Tenant).UseRedisBudgets(cluster.Configuration, prefix: _prefix));
        await using FastClient two = Client(builder => builder.AddBudget("team", Money.FromUsd(1), budget => budget.Each = BudgetEach.Tenant).UseRedisBudgets(cluster.Configuration, prefix: _prefix));

        // A client that is just connecting may not have reached every node yet.
        for (int tenant = 0; tenant < 20; tenant++)
        {
            foreach (FastClient client in new[] { one, two }) await Poll.UntilAsync(() => IsAnsweredAsync(client, $"tenant {tenant}"));
        }

        two.Costs.Budgets.Should().HaveCount(20).And.OnlyContain(status => status.Spent == Money.FromUsd(0.0015m) || status.Reserved > Money.Zero);
        foreach (RedisServer node in cluster.Nodes) (await node.AskAsync("DBSIZE")).Should().NotStartWith(":0");
    }

    [Fact]
    public void What_is_wrong_with_a_configuration_or_a_prefix_is_said_when_the_client_is_built()
    {
        Action[] wrong =
        [
            () => Client(builder => builder.UseRedisBudgets(",")),
            () => Client(builder => builder.UseRedisBudgets("127.0.0.1:1", prefix: "a{b")),
        ];

        foreach (Action build in wrong) build.Should().Throw<HarborException>().Where(e => e.Kind == ErrorKind.Configuration);
    }

    private static BudgetClaim Claim(string holder, long sequence, long spent) => new()
    {
        Account = "team",
        WindowEnds = TimeProvider.System.GetUtcNow().AddDays(1),
        Holder = holder,
        Sequence = sequence,
        Limit = Money.FromUsd(9_000_000),
        Spent = new Money(spent),
        Kept = new Money(spent),
        Needed = Money.Zero,
        Wanted = Money.Zero,
        Lifetime = TimeSpan.FromHours(1),
    };

    private static async Task<bool> IsAnsweredAsync(FastClient client, string? tenant = null)
    {
        try
        {
            return (await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = tenant, MaxOutputTokens = 200 }).WaitAsync(Guard)).Text.Length > 0;
        }
        catch (HarborException e) when (e.Kind == ErrorKind.Budget && e is not BudgetExceededException)
        {
            return false;
        }
    }

    private RedisBudgetStore Store() => new(redis.Configuration, _prefix);

    private FastClient Client(Action<HarborBuilder> more) => FastClient.Create(builder =>
    {
        RedisBudgetProcess.Configure(builder, new Uri("http://lab.test/v1/"), _provider.CreateHandler());
        more(builder);
    });

    // How many scripts the server has run.
    private async Task<int> ScriptsAsync()
    {
        string stats = await redis.AskAsync("INFO commandstats");
        return ScriptCalls().Matches(stats).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("cmdstat_eval(?:sha)?:calls=([0-9]+)")]
    private static partial Regex ScriptCalls();
}
