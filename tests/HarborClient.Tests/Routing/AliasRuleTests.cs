using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Routing;

public sealed class AliasRuleTests
{
    private const string Filtered = """{"error":{"message":"The prompt was filtered.","code":"content_filter","type":"invalid_request_error"}}""";

    private readonly CountedHosts _hosts = new();

    public static TheoryData<string, Action<ModelMapBuilder>, string> WrongRules => new()
    {
        { "a negative weight", map => map.Target("a/m", weight: -1), "weight of -1" },
        { "a weight that is no number", map => map.Target("a/m", weight: double.NaN), "weight of NaN" },
        { "an endless weight", map => map.Target("a/m", weight: double.PositiveInfinity), "1,000,000" },
        { "no weight at all", map => map.Target("a/m", weight: 0).Target("b/m", weight: 0), "weight 0" },
        { "a share above 1", map => map.Target("a/m").Canary("b/m", 1.5), "share of 1.5" },
        { "only canaries", map => map.Canary("b/m", 0.5), "only canaries" },
        { "canaries that take all", map => map.Target("a/m").Canary("b/m", 0.5).Canary("c/m", 0.5), "below 1" },
        { "a shadow's share", map => map.Target("a/m").Shadow("b/m", 2), "Shadow(\"b/m\") with a share of 2" },
        { "an unknown shadow", map => map.Target("a/m").Shadow("nobody/m"), "unknown target 'nobody/m'" },
        { "only shadows", map => map.Shadow("a/m"), "names no target" },
        { "a region that nobody is in", map => map.Target("a/m", region: "us").PreferRegion("eu"), "'eu'" },
        { "no local target", map => map.Target("openai/gpt-5").LocalOnly(), "LocalOnly" },
        { "a retry setting", map => map.Target("a/m").UseRetry(retry => retry.MaximumAttempts = 0), "MapModel(\"chat\").Retry.MaximumAttempts" },
        { "a breaker setting", map => map.Target("a/m").UseCircuitBreaker(breaker => breaker.FailureRatio = 2), "MapModel(\"chat\").CircuitBreaker.FailureRatio" },
    };

    [Theory]
    [MemberData(nameof(WrongRules))]
    public void A_wrong_rule_is_named_when_the_client_is_built(string what, Action<ModelMapBuilder> map, string expected)
    {
        Action build = () => _hosts.Client(map, h => h.AddOpenAI("sk-test-7Qm2xWv9")).Dispose();

        HarborException error = build.Should().Throw<HarborException>(what).Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("MapModel(\"chat\")").And.Contain(expected);
    }

    [Fact]
    public async Task A_local_only_alias_never_asks_a_target_elsewhere()
    {
        var cloud = new ProviderEmulator();
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        _hosts.Fail("b", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(
            map => map.Target("openai/gpt-5", weight: 5).Target("a/m").Target("b/m").Canary("openai/gpt-5-mini", 0.5).LocalOnly(),
            h => h.AddOpenAI("sk-test-7Qm2xWv9", options => options.UseHandler(cloud.CreateHandler())));

        for (int i = 0; i < 20; i++) await client.Invoking(harbor => harbor.GetResponseAsync("secret")).Should().ThrowAsync<HarborException>();

        cloud.Attempts.Should().BeEmpty();
        _hosts.Sequence.Should().Contain(["a", "b"]);
    }

    [Fact]
    public async Task Filtered_content_moves_on_only_where_the_alias_says_so()
    {
        _hosts.Reply("a", HttpStatusCode.BadRequest, Filtered);
        await using FastClient client = _hosts.Client(
            map => map.Target("a/m").Target("b/m"),
            h => h.MapModel("tolerant", map => map.Target("a/m").Target("b/m").FailOverOnContentFilter()));

        HarborException error = (await client.Invoking(harbor => harbor.GetResponseAsync("hi")).Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.ContentFiltered);
        _hosts.Sequence.Should().Equal("a");
        ChatResponse answer = await client.GetResponseAsync("hi", new ChatOptions { ModelId = "tolerant" });

        answer.Text.Should().Be("fine");
        _hosts.Sequence.Should().Equal("a", "a", "b");
    }

    [Fact]
    public async Task A_breaker_of_an_alias_is_its_own()
    {
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(
            map => map.Target("a/m").Target("b/m").UseCircuitBreaker(breaker => breaker.MinimumAttempts = 1),
            h => h.MapModel("other", "a/m", "b/m"));

        await CountedHosts.Ask(client, 1);

        client.Health.Targets.Where(target => target.Target == "a/m").Select(target => (target.Alias, target.State, target.Failures))
            .Should().Equal((null, TargetState.Closed, 1), ("chat", TargetState.Open, 1));
    }
}
