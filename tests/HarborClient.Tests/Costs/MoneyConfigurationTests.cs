using HarborClient.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Costs;

// Prices, budgets, the ledger and alerts as settings of a configuration.
public sealed class MoneyConfigurationTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public MoneyConfigurationTests() => _provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));

    [Fact]
    public async Task Prices_of_models_are_set()
    {
        await using ServiceProvider container = Container(
            ("Prices:Models:lab/model:InputPerMillionTokens", "1.25"), ("Prices:Models:lab/model:OutputPerMillionTokens", "2"), ("Prices:Models:lab/model:MinimumPerCall", "0.5"),
            ("Prices:ReloadEvery", "00:00:30"), ("Prices:Unpriced", "Refuse"));
        FastClient client = container.GetRequiredService<FastClient>();

        (await client.GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(1.25m));
        Func<Task> unpriced = () => client.GetResponseAsync("hi", new ChatOptions { ModelId = "lab/other" });
        (await unpriced.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Budget);
    }

    [Fact]
    public async Task A_price_file_is_set()
    {
        string file = Path.Combine(Path.GetTempPath(), $"harbor-prices-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, """{"schema":"harbor-prices/1","models":[{"provider":"lab","model":"model","input_per_mtok":3,"output_per_mtok":3}]}""");
        try
        {
            await using ServiceProvider container = Container(("Prices:File", file));

            (await container.GetRequiredService<FastClient>().GetResponseAsync("hi")).GetHarborInfo().Cost.Should().Be(Money.FromUsd(3));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("day", null, "2026-03-02T00:00:00Z")]
    [InlineData("Day", "Europe/Berlin", "2026-03-01T23:00:00Z")]
    [InlineData("week", null, "2026-03-02T00:00:00Z")]
    [InlineData("month", null, "2026-04-01T00:00:00Z")]
    [InlineData(null, null, "2026-04-01T00:00:00Z")]
    [InlineData(null, "Asia/Shanghai", "2026-03-31T16:00:00Z")]
    [InlineData("total", null, null)]
    public async Task A_budgets_window_is_set(string? window, string? zone, string? resetsAt)
    {
        _time.Advance(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) - _time.GetUtcNow());
        await using ServiceProvider container = Priced(("Budgets:all:Limit", "10.5"), ("Budgets:all:Window", window), ("Budgets:all:TimeZone", zone));
        FastClient client = container.GetRequiredService<FastClient>();
        await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 });

        BudgetStatus budget = client.Costs.Budgets.Should().ContainSingle().Subject;
        (budget.Name, budget.Limit, budget.Spent).Should().Be(("all", Money.FromUsd(10.5m), Money.FromUsd(1)));
        budget.ResetsAt.Should().Be(resetsAt is null ? null : DateTimeOffset.Parse(resetsAt, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_budget_can_be_one_of_the_time_before_each_moment()
    {
        await using ServiceProvider container = Priced(("Budgets:all:Limit", "10"), ("Budgets:all:Window", "rolling 01:00:00"));
        FastClient client = container.GetRequiredService<FastClient>();
        await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 100 });

        _time.Advance(TimeSpan.FromMinutes(59));
        client.Costs.Budgets[0].Spent.Should().Be(Money.FromUsd(1));
        _time.Advance(TimeSpan.FromMinutes(3));
        client.Costs.Budgets[0].Spent.Should().Be(Money.Zero);
    }

    [Theory]
    [InlineData("Tenant", "acme")]
    [InlineData("User", "alice")]
    [InlineData("Provider", "lab")]
    [InlineData("Model", "model")]
    [InlineData("Tags:team", "search")]
    public async Task A_budget_is_about_whom_it_names(string key, string value)
    {
        await using ServiceProvider container = Priced(
            ("Budgets:own:Limit", "0.000001"), ("Budgets:own:" + key, value), ("Budgets:another:Limit", "0.000001"), ("Budgets:another:" + key, "another"), ("Local:another:Endpoint", "http://another.test/v1/"));
        FastClient client = container.GetRequiredService<FastClient>();
        var options = new HarborChatOptions { Tenant = "acme", User = "alice", Tags = new Dictionary<string, string> { ["team"] = "search" }, MaxOutputTokens = 100 };

        Func<Task> call = () => client.GetResponseAsync("hi", options);

        (await call.Should().ThrowAsync<BudgetExceededException>()).Which.Message.Should().Contain("'own'");
    }

    [Fact]
    public async Task A_budget_can_be_soft_for_each_tell_of_shares_and_prefer_what_is_cheap()
    {
        var alert = new TaskCompletionSource<CostAlert>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ServiceProvider container = Priced(
            ("Prices:Models:cheap/model:InputPerMillionTokens", "0.1"), ("Prices:Models:cheap/model:OutputPerMillionTokens", "0.1"),
            ("Budgets:each:Limit", "2"), ("Budgets:each:Each", "User"), ("Budgets:each:IsHard", "false"), ("Budgets:each:Thresholds:0", "0.3"), ("Budgets:each:PreferCheapestFrom", "0.5"),
            ("Models:chat:0", "lab/model"), ("Models:chat:1", "cheap/model"), ("DefaultModel", "chat"));
        FastClient client = container.GetRequiredService<FastClient>();
        client.Costs.Alert += (_, told) => alert.TrySetResult(told);
        var alice = new HarborChatOptions { User = "alice", MaxOutputTokens = 100 };

        HarborCallInfo first = (await client.GetResponseAsync("hi", alice)).GetHarborInfo();
        HarborCallInfo second = (await client.GetResponseAsync("hi", alice)).GetHarborInfo();
        HarborCallInfo others = (await client.GetResponseAsync("hi", new HarborChatOptions { User = "bob", MaxOutputTokens = 100 })).GetHarborInfo();

        (first.Provider, second.Provider, others.Provider).Should().Be(("lab", "cheap", "lab"));
        CostAlert told = await alert.Task.Guarded();
        (told.Kind, told.Threshold).Should().Be((CostAlertKind.BudgetThreshold, 0.3));
        for (int i = 0; i < 3; i++) await client.GetResponseAsync("hi", new HarborChatOptions { User = "bob", ModelId = "lab/model" });
        client.Costs.Budgets.Single(budget => budget.For == "bob").Spent.Should().Be(Money.FromUsd(4), "a soft budget refuses nobody");
    }

    [Fact]
    public async Task The_ledger_and_alerts_are_set()
    {
        LedgerOptions? ledger = null;
        AlertOptions? alerts = null;
        await using ServiceProvider container = new ServiceCollection().AddHarborAI(
            Section(("Ledger:MaximumLines", "500"), ("Alerts:ExpensiveFrom", "30"), ("Alerts:UnusualFrom", "2.5"), ("Alerts:Webhook", "https://hooks.test/x"), ("Alerts:WebhookSecret", "sixteen characters or more")),
            h => h.AddLocal("lab", new Uri("http://lab.test:8000/v1/")).UseLedger(options => ledger = options).UseAlerts(options => alerts = options)).BuildServiceProvider();

        container.GetRequiredService<FastClient>();

        ledger!.MaximumLines.Should().Be(500);
        (alerts!.ExpensiveFrom, alerts.UnusualFrom, alerts.Webhook, alerts.WebhookSecret).Should().Be((30, 2.5m, new Uri("https://hooks.test/x"), "sixteen characters or more"));
    }

    [Theory]
    [InlineData("Prices:Currency=EUR", "Prices:Currency")]
    [InlineData("Prices=x.json", "Prices")]
    [InlineData("Prices:Models=x", "Prices:Models")]
    [InlineData("Prices:Models:lab/model=3", "Prices:Models:lab/model")]
    [InlineData("Prices:Models:lab/model:PerToken=3", "PerToken")]
    [InlineData("Prices:Models:model:InputPerMillionTokens=3", "provider/model")]
    [InlineData("Prices:Models:lab/llama3.2:3b:InputPerMillionTokens=3", "a colon cannot be a key here")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Provider=lob", "Budgets.all.Provider is 'lob'")]
    [InlineData("Local:lab:KeyQuota=5", "Local:lab:KeyQuota")]
    [InlineData("Budgets=10", "Budgets")]
    [InlineData("Budgets:all=10", "Budgets:all")]
    [InlineData("Budgets:all:Windows=day", "Windows")]
    [InlineData("Budgets:all:Tenant=acme", "Budgets:all:Limit")]
    [InlineData("Budgets:all:Limit=0", "'all'")]
    [InlineData("Budgets:all:Limit=-1", "Budgets:all:Limit")]
    [InlineData("Budgets:all:Limit=1e30", "Limit")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Window=year", "Budgets:all:Window")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Window=rolling", "Budgets:all:Window")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Window=rolling soon", "Budgets:all:Window")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Window=rolling 00:00:01", "Budgets:all:Window")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:TimeZone=Mars/Olympus", "Budgets:all:TimeZone")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Window=total;Budgets:all:TimeZone=UTC", "Budgets:all:TimeZone")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Thresholds=0.5", "Thresholds")]
    [InlineData("Budgets:all:Limit=1;Budgets:all:Thresholds:0=5", "Thresholds")]
    [InlineData("Ledger:MaximumLines=1", "Ledger.MaximumLines")]
    [InlineData("Ledger:Lines=1000", "Lines")]
    [InlineData("Ledger=1000", "Ledger")]
    [InlineData("Alerts:Webhook=https://hooks.test/x", "Alerts.WebhookSecret")]
    [InlineData("Alerts:Mail=a@b.test", "Mail")]
    public void What_cannot_be_understood_is_an_error(string settings, string named)
    {
        Action build = () =>
        {
            using ServiceProvider container = Container([.. settings.Split(';').Select(pair => pair.Split('=')).Select(pair => (pair[0], (string?)pair[1]))]);
            container.GetRequiredService<FastClient>();
        };

        build.Should().Throw<HarborException>().WithMessage($"*{named}*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    private ServiceProvider Container(params (string Key, string? Value)[] settings) => new ServiceCollection()
        .AddSingleton<TimeProvider>(_time)
        .AddHarborAI(Section([("DefaultModel", "lab/model"), .. settings]), h => h
            .AddLocal("lab", new Uri("http://lab.test:8000/v1/"), o => o.SendOnceThrough(_provider.CreateHandler()))
            .AddLocal("cheap", new Uri("http://cheap.test:8000/v1/"), o => o.SendOnceThrough(_provider.CreateHandler())))
        .BuildServiceProvider();

    private ServiceProvider Priced(params (string Key, string? Value)[] settings) =>
        Container([("Prices:Models:lab/model:InputPerMillionTokens", "1"), ("Prices:Models:lab/model:OutputPerMillionTokens", "1"), .. settings]);

    // Of two values the later counts; null leaves a setting out.
    private static IConfiguration Section(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Where(pair => pair.Value is not null).GroupBy(pair => pair.Key).Select(pairs => KeyValuePair.Create(pairs.Key, pairs.Last().Value))).Build();
}
