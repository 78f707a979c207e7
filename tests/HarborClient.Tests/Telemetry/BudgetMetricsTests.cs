using HarborClient.Testing;

namespace HarborClient.Tests.Telemetry;

// Costs in spans, and budgets as gauges.
[Collection(TelemetryCollection.Name)]
public sealed class BudgetMetricsTests
{
    private const string Prefix = "harbor.client.budget.";

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Budgets_show_their_limit_what_is_spent_and_what_calls_under_way_may_still_spend()
    {
        using var metrics = new MetricRecorder();
        string name = $"team-{Guid.NewGuid():N}";
        var provider = new ProviderEmulator(_time).ThenAnswer("fine", reply => reply.Usage(1_000_000, 0)).ThenAnswer("late", reply => reply.DelayBeforeHeaders(TimeSpan.FromSeconds(10)));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: h => h.AddBudget(name, Money.FromUsd(5)));

        Read(metrics, name).Should().BeEquivalentTo(new Dictionary<string, long> { ["limit"] = 5_000_000_000, ["spent"] = 0, ["reserved"] = 0 });
        await client.GetResponseAsync("hi");
        Task<ChatResponse> late = client.GetResponseAsync("again", new ChatOptions { MaxOutputTokens = 1_000 });
        await provider.AttemptReceived(2);

        Dictionary<string, long> under = Read(metrics, name);
        under["spent"].Should().Be(150_000_000);
        under["reserved"].Should().BeInRange(600_000, 10_000_000);
        await _time.AdvanceUntil(late);
        await late;
        Read(metrics, name)["reserved"].Should().Be(0);
        await client.DisposeAsync();
        Read(metrics, name).Should().BeEmpty("its client is gone");
    }

    [Fact]
    public async Task Of_a_budget_for_each_user_the_fullest_account_is_shown_and_no_name()
    {
        using var metrics = new MetricRecorder();
        string name = $"each-{Guid.NewGuid():N}";
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: h => h.AddBudget(name, Money.FromUsd(5), b => b.Each = BudgetEach.User));

        foreach (string user in new[] { "alice", "bob", "bob" }) await client.GetResponseAsync("hi", new HarborChatOptions { User = user });

        Read(metrics, name).Should().BeEquivalentTo(new Dictionary<string, long> { ["limit"] = 5_000_000_000, ["spent"] = 300_000_000, ["reserved"] = 0 });
        metrics.All.SelectMany(one => one.Tags.Values).Should().NotContain(["alice", "bob"]);
    }

    [Fact]
    public async Task A_span_says_what_its_call_cost_and_whether_that_is_an_estimate()
    {
        using var spans = new SpanRecorder();
        var provider = new ProviderEmulator(_time).ThenAnswer("fine", reply => reply.Usage(1_000, 500)).ThenAnswer("fine", reply => reply.WithoutUsage()).ThenAnswer("fine", reply => reply.Usage(1, 1));
        await using FastClient client = TestClients.OpenAI(provider, _time);

        await client.GetResponseAsync("hi");
        await client.GetResponseAsync("hi");
        await client.GetResponseAsync("hi", new ChatOptions { ModelId = "openai/unheard-of" });

        (spans.Stopped[0].GetTagItem("harbor.cost.nano_usd"), spans.Stopped[0].GetTagItem("harbor.cost.estimated")).Should().Be((450_000L, null));
        spans.Stopped[1].GetTagItem("harbor.cost.estimated").Should().Be(true);
        spans.Stopped[2].GetTagItem("harbor.cost.nano_usd").Should().BeNull("it has no price, which is not 0");
    }

    [Fact]
    public async Task Alerts_are_counted_by_what_they_are_about_and_name_nobody()
    {
        using var metrics = new MetricRecorder("harbor.client.alerts");
        string name = $"alerts-{Guid.NewGuid():N}";
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("fine").Usage(1_000_000, 0));
        await using FastClient client = TestClients.OpenAI(provider, _time, configure: h => h.AddBudget(name, Money.FromUsd(0.25m), b =>
        {
            b.Each = BudgetEach.User;
            b.IsHard = false;
            b.Thresholds.Clear();
            b.Thresholds.Add(0.5);
        }));

        await client.GetResponseAsync("hi", new HarborChatOptions { User = "alice" });
        await client.GetResponseAsync("hi", new HarborChatOptions { User = "alice", ModelId = $"openai/{name}" });

        Measurement[] alerts = [.. metrics.All.Where(one => one.Tags.Values.Any(tag => tag is string text && text.EndsWith(name, StringComparison.Ordinal)))];
        alerts.Select(one => (one.Value, one.Tags["harbor.alert.kind"], one.Tags.GetValueOrDefault("harbor.budget.name"), one.Tags.GetValueOrDefault("gen_ai.request.model"))).Should().Equal(
            (1, "budget_threshold", name, null),
            (1, "unpriced_model", null, $"openai/{name}"));
        metrics.All.SelectMany(one => one.Tags.Values).Should().NotContain("alice");
    }

    private static Dictionary<string, long> Read(MetricRecorder metrics, string name) => metrics.Observe()
        .Where(one => one.Instrument.StartsWith(Prefix, StringComparison.Ordinal) && (string?)one.Tags.GetValueOrDefault("harbor.budget.name") == name)
        .ToDictionary(one => one.Instrument[Prefix.Length..], one => (long)one.Value);
}
