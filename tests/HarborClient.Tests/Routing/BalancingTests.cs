using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Routing;

public sealed class BalancingTests
{
    private readonly CountedHosts _hosts = new();

    [Fact]
    public async Task Without_weights_every_call_asks_the_targets_in_their_order()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m").Target("c/m"));

        await CountedHosts.Ask(client, 100);

        _hosts.Asked("a").Should().Be(100);
    }

    [Fact]
    public async Task Ten_thousand_calls_are_spread_by_weight()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 7).Target("b/m", weight: 2).Target("c/m"));

        await CountedHosts.Ask(client, 10_000);

        // Three standard deviations of 10,000 draws are at most 140.
        _hosts.Asked("a").Should().BeInRange(6860, 7140);
        _hosts.Asked("b").Should().BeInRange(1880, 2120);
        _hosts.Asked("c").Should().BeInRange(910, 1090);
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_targets_and_another_seed_others()
    {
        async Task<List<string>> Draws(int seed)
        {
            var hosts = new CountedHosts();
            await using FastClient client = hosts.Client(map => map.Target("a/m", weight: 2).Target("b/m").Target("c/m"), h => h.UseRandomSeed(seed));
            await CountedHosts.Ask(client, 100);
            return hosts.Sequence;
        }

        List<string> first = await Draws(7);
        List<string> again = await Draws(7);
        List<string> other = await Draws(8);

        again.Should().Equal(first);
        other.Should().NotEqual(first);
    }

    [Fact]
    public async Task The_others_follow_in_their_order_where_the_drawn_target_fails()
    {
        _hosts.Fail("b", HttpStatusCode.ServiceUnavailable);
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 0).Target("b/m").Target("c/m", weight: 0));

        await CountedHosts.Ask(client, 1);
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        await CountedHosts.Ask(client, 1);

        _hosts.Sequence.Should().Equal("b", "a", "b", "a", "c");
    }

    [Fact]
    public async Task The_target_with_the_least_outstanding_is_asked_and_equals_share()
    {
        var gate = new TaskCompletionSource();
        _hosts.AnswerAfter("a", gate.Task);
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m").Balance(LoadBalancing.LeastOutstanding));

        var waiting = new List<Task>();
        while (_hosts.Asked("a") == 0) waiting.Add(client.GetResponseAsync("hi"));
        int before = _hosts.Asked("b");
        await CountedHosts.Ask(client, 50);
        int busy = _hosts.Asked("a");
        gate.SetResult();
        await Task.WhenAll(waiting);
        await CountedHosts.Ask(client, 200);

        busy.Should().Be(1, "a call is out at a, and none at b");
        (_hosts.Asked("b") - before).Should().BeGreaterThanOrEqualTo(50);
        _hosts.Asked("a").Should().BeInRange(60, 140, "with nothing in flight they are equals");
    }

    [Fact]
    public async Task By_latency_the_faster_target_gets_the_calls_and_the_slower_one_is_looked_at_now_and_then()
    {
        var time = new ManualTimeProvider();
        _hosts.AnswerAfter("a", Task.Delay(TimeSpan.FromSeconds(4), time));
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m").Balance(LoadBalancing.Latency), time: time);
        var waiting = new List<Task>();
        while (_hosts.Asked("a") == 0 || _hosts.Asked("b") == 0) waiting.Add(client.GetResponseAsync("hi"));
        time.Advance(TimeSpan.FromSeconds(4));
        await Task.WhenAll(waiting);
        int before = _hosts.Asked("a");

        await CountedHosts.Ask(client, 2000);

        // One in twenty is drawn, and half of those draws are a.
        (_hosts.Asked("a") - before).Should().BeInRange(25, 80);
    }

    [Fact]
    public async Task A_target_that_fails_fast_draws_no_calls_by_having_nothing_in_flight()
    {
        _hosts.Fail("a", HttpStatusCode.InternalServerError);
        var time = new ManualTimeProvider();
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m").Balance(LoadBalancing.LeastOutstanding), time: time);

        await CountedHosts.Ask(client, 200);

        _hosts.Asked("a").Should().Be(10, "its breaker has opened, and the clock stands still");
        _hosts.Asked("b").Should().Be(200);
    }

    [Fact]
    public async Task A_canary_gets_its_share_and_beside_it_the_targets_keep_their_order()
    {
        await using FastClient client = _hosts.Client(map => map.Canary("c/m", 0.05).Target("a/m").Target("b/m"));

        await CountedHosts.Ask(client, 10_000);

        _hosts.Asked("c").Should().BeInRange(430, 570);
        _hosts.Asked("a").Should().Be(10_000 - _hosts.Asked("c"));
        _hosts.Asked("b").Should().Be(0);
    }

    [Fact]
    public async Task A_canary_that_fails_costs_no_answer_and_is_the_last_resort_of_the_others()
    {
        await using FastClient failing = _hosts.Client(map => map.Canary("c/m", 0.999).Target("a/m").Target("b/m"));
        _hosts.Fail("c", HttpStatusCode.ServiceUnavailable);
        await CountedHosts.Ask(failing, 1);
        _hosts.Sequence.Should().Equal("c", "a");
        _hosts.Sequence.Clear();
        _hosts.Heal("c");

        await using FastClient resort = _hosts.Client(map => map.Canary("c/m", 0).Target("a/m").Target("b/m"));
        _hosts.Fail("a", HttpStatusCode.ServiceUnavailable);
        _hosts.Fail("b", HttpStatusCode.ServiceUnavailable);
        await CountedHosts.Ask(resort, 1);

        _hosts.Sequence.Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task The_preferred_region_goes_first_and_the_rest_follows()
    {
        await using FastClient ordered = _hosts.Client(map => map.Target("a/m", region: "us").Target("b/m", region: "EU").Target("c/m", region: "us").PreferRegion("eu"));
        await CountedHosts.Ask(ordered, 1);
        _hosts.Fail("b", HttpStatusCode.ServiceUnavailable);
        await CountedHosts.Ask(ordered, 1);

        _hosts.Sequence.Should().Equal("b", "b", "a");
    }

    [Fact]
    public async Task Calls_are_balanced_inside_the_preferred_region_while_one_of_its_targets_can_be_asked()
    {
        var time = new ManualTimeProvider();
        await using FastClient client = _hosts.Client(
            map => map.Target("a/m", region: "us", weight: 8).Target("b/m", region: "eu").Target("c/m", region: "eu").PreferRegion("eu"), time: time);

        await CountedHosts.Ask(client, 1000);
        _hosts.Asked("a").Should().Be(0);
        _hosts.Asked("b").Should().BeInRange(440, 560);
        _hosts.Fail("b", HttpStatusCode.ServiceUnavailable);
        _hosts.Fail("c", HttpStatusCode.ServiceUnavailable);
        await CountedHosts.Ask(client, 2000);
        int down = _hosts.Asked("b") + _hosts.Asked("c");
        await CountedHosts.Ask(client, 100);

        (_hosts.Asked("b") + _hosts.Asked("c") - down).Should().BeLessThan(100, "with both breakers open the others are drawn");
    }
}
