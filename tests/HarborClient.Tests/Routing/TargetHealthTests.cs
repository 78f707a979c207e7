using HarborClient.Limits;
using HarborClient.Routing;
using HarborClient.Testing;

namespace HarborClient.Tests.Routing;

public sealed class TargetHealthTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Equal_routes_take_turns()
    {
        TargetHealth health = Create(3);

        Picks(health, 6).Should().Equal(0, 1, 2, 0, 1, 2);
    }

    [Fact]
    public void The_route_with_the_least_in_flight_goes_first()
    {
        TargetHealth health = Create(3);
        health.Routes[0].Enter();
        health.Routes[0].Enter();
        health.Routes[1].Enter();

        Picks(health, 3).Should().Equal(2, 2, 2);
        health.InFlight.Should().Be(3);
        health.Routes[2].Enter();
        health.Routes[2].Enter();

        Picks(health, 2).Should().Equal(1, 1);
    }

    [Fact]
    public void A_cooling_route_and_a_barred_one_are_passed_over_until_their_time_is_up()
    {
        TargetHealth health = Create(3);
        health.Routes[0].Cool(TimeSpan.FromSeconds(2));
        health.Routes[1].Bar(TimeSpan.FromSeconds(60));

        Picks(health, 3).Should().Equal(2, 2, 2);
        health.Routes[1].IsBarred.Should().BeTrue();
        health.CoolFor.Should().BeNull("one is usable");
        _time.Advance(TimeSpan.FromSeconds(2));
        Picks(health, 4).Should().NotContain(1).And.Contain(0);
        _time.Advance(TimeSpan.FromSeconds(58));

        Picks(health, 3).Should().BeEquivalentTo([0, 1, 2]);
    }

    [Fact]
    public void With_none_usable_there_is_none_to_pick_and_a_time_to_wait()
    {
        TargetHealth health = Create(2);
        health.Routes[0].Cool(TimeSpan.FromSeconds(9));
        health.Routes[1].Cool(TimeSpan.FromSeconds(4));

        health.PickRoute().Should().BeNull();
        health.CoolFor.Should().Be(TimeSpan.FromSeconds(4));
        _time.Advance(TimeSpan.FromSeconds(4));

        health.CoolFor.Should().BeNull();
        health.PickRoute()!.Credential.Should().Be(1);
    }

    [Fact]
    public void A_route_that_has_just_failed_can_be_left_out()
    {
        TargetHealth two = Create(2);
        TargetHealth one = Create(1);

        Picks(two, 4, not: two.Routes[0]).Should().Equal(1, 1, 1, 1);
        one.PickRoute(one.Routes[0]).Should().BeNull();
        one.PickRoute().Should().BeSameAs(one.Routes[0]);
    }

    [Fact]
    public void Cooling_is_only_ever_made_longer()
    {
        Route route = Create(1).Routes[0];

        route.Cool(TimeSpan.FromSeconds(30));
        route.Cool(TimeSpan.FromSeconds(5));
        route.Cool(TimeSpan.FromSeconds(-5));

        route.CoolFor.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_host_that_asks_to_be_left_alone_for_centuries_is_not_believed()
    {
        Route route = Create(1).Routes[0];

        route.Cool(TimeSpan.MaxValue);

        route.CoolFor.Should().Be(TimeSpan.FromDays(31));
    }

    [Fact]
    public void The_time_to_the_first_update_is_known_from_twenty_answers_of_that_size_on()
    {
        TargetHealth health = Create(1);

        for (int i = 1; i <= 19; i++) health.Figures.FirstUpdates.Add(1000, TimeSpan.FromSeconds(i));
        health.P95FirstUpdate(1000).Should().BeNull();
        health.Figures.FirstUpdates.Add(1000, TimeSpan.FromSeconds(20));

        health.P95FirstUpdate(1000).Should().Be(TimeSpan.FromSeconds(20), "of twenty-one, one takes longer than the longest of twenty");
        health.P95FirstUpdate(600).Should().Be(TimeSpan.FromSeconds(20), "512 to 1,023 tokens are one group");
        health.P95FirstUpdate(2000).Should().BeNull("so large an input says nothing of another size");
    }

    [Fact]
    public void Old_times_to_the_first_update_give_way_to_new_ones()
    {
        TargetHealth health = Create(1);

        for (int i = 0; i < 64; i++) health.Figures.FirstUpdates.Add(10, TimeSpan.FromSeconds(8));
        for (int i = 0; i < 64; i++) health.Figures.FirstUpdates.Add(10, TimeSpan.FromSeconds(1));

        health.P95FirstUpdate(10).Should().Be(TimeSpan.FromSeconds(1));
        health.P95FirstUpdate(long.MaxValue).Should().BeNull();
        health.P95FirstUpdate(-1).Should().BeNull();
    }

    [Fact]
    public void The_mean_duration_follows_the_answers()
    {
        TargetHealth health = Create(1);
        health.Figures.MeanDuration.Should().BeNull();

        health.Ended(AttemptResult.Answered, isProbe: false, TimeSpan.FromSeconds(2));
        health.Figures.MeanDuration.Should().Be(TimeSpan.FromSeconds(2));
        health.Ended(AttemptResult.Failed, isProbe: false, TimeSpan.FromSeconds(30));
        health.Ended(AttemptResult.Answered, isProbe: false, TimeSpan.FromSeconds(4));

        health.Figures.MeanDuration!.Value.TotalSeconds.Should().BeApproximately(2.2, 1e-9, "a tenth of the way to the newest; failures say nothing of it");
        health.Figures.Attempts.Should().Be(3);
        health.Figures.Failures.Should().Be(1);
    }

    [Fact]
    public void Settings_of_an_alias_have_a_breaker_of_their_own_and_share_the_rest()
    {
        TargetHealth shared = Create(2);
        TargetHealth own = shared.Under(null, new CircuitBreakerOptions { MinimumAttempts = 1 }, _time);

        own.Ended(AttemptResult.Failed, isProbe: false, TimeSpan.FromSeconds(1));

        own.Breaker.State.Should().Be(CircuitState.Open);
        shared.Breaker.State.Should().Be(CircuitState.Closed);
        shared.Figures.Failures.Should().Be(1);
        own.Routes.Should().Equal(shared.Routes);
        own.Retry.Should().BeSameAs(shared.Retry);
    }

    [Fact]
    public void Names_are_remembered_up_to_a_thousand_and_share_one_health_beyond()
    {
        var table = new HealthTable(_time, new RandomSource(1));
        ProviderEntry provider = Provider("openai");

        TargetHealth first = table.Of(provider, "model-0");
        for (int i = 1; i < 5000; i++) table.Of(provider, $"model-{i}");

        table.Of(provider, "model-0").Should().BeSameAs(first);
        table.Of(provider, "model-4000").Should().BeSameAs(table.Of(provider, "model-4001"));
        table.Of(Provider("claude"), "model-4000").Should().NotBeSameAs(table.Of(provider, "model-4000"));
        table.All.Should().HaveCount(1002);
    }

    private static ProviderEntry Provider(string name, int credentials = 1) => new(name, name, _ => new Uri("https://host.test/"), false, _ => false, null)
    {
        Credentials = credentials,
        Retry = new RetryOptions(),
        CircuitBreaker = new CircuitBreakerOptions(),
        Limits = new LimitOptions(),
    };

    private static int[] Picks(TargetHealth health, int count, Route? not = null) => [.. Enumerable.Range(0, count).Select(_ => health.PickRoute(not)!.Credential)];

    private TargetHealth Create(int credentials) => new HealthTable(_time, new RandomSource(1)).Of(Provider("lab", credentials), "small");
}
