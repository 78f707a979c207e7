using HarborClient.Testing;

namespace HarborClient.Tests.Costs;

// Prices of a file: which overrules which, what happens when it changes, and what it can say.
public sealed class PriceFileTests : IDisposable
{
    private const int WasRead = 80;
    private const int WasRefused = 81;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"harbor-prices-{Guid.NewGuid():N}.json");
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLogs _logs = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_file_overrules_the_catalogue_and_settings_overrule_the_file()
    {
        Write("""{"provider":"openai","model":"gpt-4o-mini","input_per_mtok":7,"output_per_mtok":7},{"provider":"openai","model":"gpt-4o","input_per_mtok":8,"output_per_mtok":8}""");
        await using FastClient client = Client(p => p.Models["openai/gpt-4o"] = new ModelPrice { InputPerMillionTokens = 9, OutputPerMillionTokens = 9 });

        (await CostAsync(client)).Should().Be(Money.FromUsd(7), "the file's price before the catalogue's");
        (await CostAsync(client, "openai/gpt-4o")).Should().Be(Money.FromUsd(9), "the setting's price before the file's");
        (await CostAsync(client, "openai/gpt-4.1")).Should().Be(Money.FromUsd(2), "the catalogue's price where nothing else has one");
    }

    [Fact]
    public async Task The_file_that_the_readme_shows_is_read()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Architecture.Repository.Root, "src", "HarborClient", "Costs", "README.md"));
        int begin = readme.LastIndexOf('{', readme.IndexOf("\"schema\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_file, readme[begin..readme.IndexOf("```", begin, StringComparison.Ordinal)]);

        await using FastClient client = Client();

        (await CostAsync(client)).Should().Be(Money.FromUsd(0.15m));
        (await CostAsync(client, "openai/my-deployment")).Should().Be(Money.FromUsd(0.15m));
    }

    [Fact]
    public async Task A_file_is_read_again_when_it_has_changed()
    {
        Write(Row(7));
        await using FastClient client = Client();
        (await CostAsync(client)).Should().Be(Money.FromUsd(7));
        Write(Row(7.25m));

        (await CostAsync(client)).Should().Be(Money.FromUsd(7), "it is looked at once a minute");
        await CallUntilItCostsAsync(client, Money.FromUsd(7.25m));

        _logs.Of(WasRead).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("9999-12-31")]
    [InlineData("9999-12-31T24:00+00:00")]
    [InlineData("9999-12-31T24:00-08:00")]
    public async Task A_price_until_the_end_of_all_days_is_one(string until)
    {
        Write($$"""{"provider":"openai","model":"gpt-4o-mini","price_periods":[{"until":"{{until}}","input_per_mtok":7,"output_per_mtok":7}]}""");
        await using FastClient client = Client();

        (await CostAsync(client)).Should().Be(Money.FromUsd(7));
    }

    [Fact]
    public async Task A_tier_and_a_period_may_both_leave_out_what_is_as_usual()
    {
        Write("""
            {"provider":"openai","model":"gpt-4o-mini","input_per_mtok":7,"output_per_mtok":7,"tiers":[{"above_input_tokens":1000,"output_per_mtok":9}],
            "price_periods":[{"from":"2000-01-01","output_per_mtok":8}]}
            """);
        await using FastClient client = Client();

        (await CostAsync(client)).Should().Be(Money.FromUsd(7));
    }

    [Theory]
    [InlineData("{ this is no price file")]
    [InlineData("""{"schema":"harbor-prices/1","models":[{"provider":"openai","model":"gpt-4o-mini","input_per_mtok":-1,"output_per_mtok":1}]}""")]
    [InlineData("""{"schema":"harbor-prices/1","models":[{"provider":"openai","model":"gpt-4o-mini","input_per_mtok":1,"output_per_mtok":1}""")]
    [InlineData(null)]
    public async Task A_file_that_cannot_be_used_any_more_leaves_the_prices_as_they_were_and_is_told_of_once(string? broken)
    {
        Write(Row(7));
        await using FastClient client = Client();
        await CostAsync(client);
        if (broken is null) File.Delete(_file);
        else Replace(broken);

        _time.Advance(Minute);
        await CostAsync(client);
        await _logs.Logged(WasRefused);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(Minute);
            (await CostAsync(client)).Should().Be(Money.FromUsd(7));
        }

        Write(Row(7.25m));
        await CallUntilItCostsAsync(client, Money.FromUsd(7.25m));
        _logs.Of(WasRefused).Should().ContainSingle().Which.Message.Should().Contain(_file).And.Contain("stay in force");
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("{}", "harbor-prices/1")]
    [InlineData("[]", "must be an object")]
    [InlineData("""{"schema":"harbor-prices/1","models":[{"model":"m"}]}""", "'provider' and 'model'")]
    [InlineData("""{"schema":"harbor-prices/1","models":[{"provider":"p","model":"m","search_unit":"page"}]}""", "'search_unit' must be")]
    [InlineData("""{"schema":"harbor-prices/1","models":[{"provider":"p","model":"m","multipliers":{"us":-1}}]}""", "'us' must be a number")]
    public void A_file_that_cannot_be_used_when_the_client_is_built_is_an_error(string? content, string named)
    {
        if (content is not null) File.WriteAllText(_file, content);

        Action build = () => Client().Dispose();

        HarborException error = build.Should().Throw<HarborException>().Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("Prices.File").And.Contain(_file).And.Contain(named);
    }

    [Fact]
    public async Task A_model_is_found_by_its_other_names_too()
    {
        Write("""{"provider":"openai","model":"gpt-own","aliases":["gpt-own-2026-01-01"],"input_per_mtok":3,"output_per_mtok":3}""");
        await using FastClient client = Client();

        (await CostAsync(client, "openai/gpt-own-2026-01-01")).Should().Be(Money.FromUsd(3));
        (await CostAsync(client, "openai/gpt-own-2026-01-02")).Should().BeNull("no name is guessed");
    }

    [Fact]
    public async Task A_call_costs_its_minimum_at_least_and_one_that_was_refused_nothing()
    {
        Write("""{"provider":"openai","model":"gpt-4o-mini","input_per_mtok":1,"output_per_mtok":1,"minimum_per_call":0.01}""");
        var provider = new ProviderEmulator(_time).ThenAnswer("fine", reply => reply.Usage(10, 0)).ThenAnswer("fine", reply => reply.Usage(1_000_000, 0)).Then(400);
        await using FastClient client = Client(provider: provider);

        (await CostAsync(client)).Should().Be(Money.FromUsd(0.01m));
        (await CostAsync(client)).Should().Be(Money.FromUsd(1));
        Func<Task> refused = () => CostAsync(client);
        (await refused.Should().ThrowAsync<HarborException>()).Which.Attempts.Should().ContainSingle().Which.Cost.Should().Be(Money.Zero);
    }

    [Fact]
    public async Task A_price_changes_in_the_file_at_its_moment_and_region_and_tier_multiply_it()
    {
        Write("""
            {"provider":"openai","model":"gpt-4o-mini","multipliers":{"flex":0.5},"price_periods":[
              {"until":"2030-01-01","input_per_mtok":1,"output_per_mtok":1},{"from":"2030-01-02T00:00Z","input_per_mtok":2,"output_per_mtok":2}]}
            """);
        _time.Advance(new DateTimeOffset(2030, 1, 1, 23, 59, 59, TimeSpan.Zero) - _time.GetUtcNow());
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Raw(
            """{"id":"1","object":"chat.completion","created":1,"model":"m","service_tier":"flex","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000000,"completion_tokens":0,"total_tokens":1000000}}""",
            "application/json"));
        await using FastClient client = Client(provider: provider);

        (await CostAsync(client)).Should().Be(Money.FromUsd(0.5m));
        _time.Advance(TimeSpan.FromSeconds(1));
        (await CostAsync(client)).Should().Be(Money.FromUsd(1));
    }

    private static string Row(decimal usd) => FormattableString.Invariant($$"""{"provider":"openai","model":"gpt-4o-mini","input_per_mtok":{{usd}},"output_per_mtok":{{usd}} }""");

    private void Write(string rows) => Replace($$"""{"schema":"harbor-prices/1","models":[{{rows}}]}""");

    // At once: a file that is being written is half a file to whoever reads it.
    private void Replace(string content)
    {
        File.WriteAllText(_file + ".new", content);
        File.Move(_file + ".new", _file, overwrite: true);
    }

    // The file is read on another thread, behind a call: the next but one may be the first that knows it.
    private async Task CallUntilItCostsAsync(FastClient client, Money cost)
    {
        using var guard = new CancellationTokenSource(TestClients.Guard);
        do
        {
            guard.Token.ThrowIfCancellationRequested();
            _time.Advance(Minute);
        }
        while (await CostAsync(client) != cost);
    }

    private static async Task<Money?> CostAsync(FastClient client, string? model = null) =>
        (await client.GetResponseAsync("hi", new ChatOptions { ModelId = model })).GetHarborInfo().Cost;

    private FastClient Client(Action<PriceOptions>? prices = null, ProviderEmulator? provider = null) => TestClients.OpenAI(
        provider ?? new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0)), _time, configure: h => h.UseLoggerFactory(_logs).UsePrices(p =>
        {
            p.File = _file;
            prices?.Invoke(p);
        }));
}
