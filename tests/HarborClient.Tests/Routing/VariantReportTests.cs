using System.Net;
using HarborClient.Testing;

namespace HarborClient.Tests.Routing;

// How the variants of an alias do beside each other.
public sealed class VariantReportTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CountedHosts _hosts = new();

    [Fact]
    public async Task An_alias_that_asks_its_targets_in_their_order_has_no_variants()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m"));

        await CountedHosts.Ask(client, 3);

        client.Health.Variants.Should().BeEmpty();
        client.Health.ToString().Should().NotContain("role");
    }

    [Fact]
    public async Task Weights_and_canaries_show_their_shares_and_their_calls()
    {
        await using FastClient client = _hosts.Client(map => map.Canary("c/m", 0.2).Target("a/m", weight: 3).Target("b/m"));

        await CountedHosts.Ask(client, 1000);

        client.Health.Variants.Select(variant => (variant.Alias, variant.Target, variant.Role, Math.Round(variant.Share, 3), variant.Calls)).Should().Equal(
            ("chat", "c/m", VariantRole.Canary, 0.2, _hosts.Asked("c")),
            ("chat", "a/m", VariantRole.Stable, 0.6, _hosts.Asked("a")),
            ("chat", "b/m", VariantRole.Stable, 0.2, _hosts.Asked("b")));
    }

    [Fact]
    public async Task Beside_a_canary_the_first_of_the_others_has_the_rest()
    {
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Target("b/m").Canary("c/m", 0));

        client.Health.Variants.Select(variant => (variant.Role, variant.Share)).Should().Equal((VariantRole.Stable, 1), (VariantRole.Stable, 0), (VariantRole.Canary, 0));
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task An_error_counts_for_the_variant_that_was_asked_and_the_call_for_the_one_that_answered(PerformanceMode mode)
    {
        _hosts.Reply("c", HttpStatusCode.TooManyRequests, "{}");
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Canary("c/m", 0.999), mode: mode, time: _time, configure: h => h.AddLocal("d", new Uri("http://d.test/")));

        await client.GetResponseAsync("hi");

        client.Health.Variants.Select(variant => (variant.Target, variant.Calls)).Should().Equal(("a/m", 1), ("c/m", 0));
        client.Health.Variants[0].Errors.Should().Be(0);
        client.Health.Variants[1].Errors.Should().BeGreaterThanOrEqualTo(1);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task A_refused_request_is_an_error_of_the_variant_that_refused_it(HttpStatusCode status)
    {
        _hosts.Fail("c", status);
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 0.001).Canary("c/m", 0.999));

        try
        {
            await client.GetResponseAsync("hi");
        }
        catch (HarborException)
        {
            // Some of these are the caller's.
        }

        client.Health.Variants[1].Errors.Should().Be(1);
    }

    [Fact]
    public async Task Calls_of_other_aliases_and_of_the_model_itself_do_not_count()
    {
        await using FastClient client = _hosts.Client(
            map => map.Target("a/m", weight: 2).Target("b/m", weight: 0),
            h => h.MapModel("other", map => map.Target("a/m", weight: 2).Target("b/m", weight: 0)));

        await CountedHosts.Ask(client, 3);
        await CountedHosts.Ask(client, 5, _ => new ChatOptions { ModelId = "other" });
        await CountedHosts.Ask(client, 7, _ => new ChatOptions { ModelId = "a/m" });

        client.Health.Variants.Where(variant => variant.Target == "a/m").Select(variant => (variant.Alias, variant.Calls)).Should().Equal(("chat", 3), ("other", 5));
        client.Health.Targets.Single(target => target.Target == "a/m").Attempts.Should().Be(15);
    }

    [Fact]
    public async Task A_cancelled_call_counts_nowhere_and_one_whose_time_ran_out_is_an_error()
    {
        _hosts.AnswerAfter("a", new TaskCompletionSource().Task);
        await using FastClient client = _hosts.Client(map => map.Target("a/m", weight: 2).Target("b/m", weight: 0), time: _time);
        using var cancel = new CancellationTokenSource();

        Task<ChatResponse> left = client.GetResponseAsync("hi", cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await left.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        (long Calls, long Errors) cancelled = (client.Health.Variants[0].Calls, client.Health.Variants[0].Errors);
        Task<ChatResponse> late = client.GetResponseAsync("hi", new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(1) });
        _time.Advance(TimeSpan.FromSeconds(1));
        await late.Invoking(task => task).Should().ThrowAsync<HarborTimeoutException>();

        cancelled.Should().Be((0, 0));
        (client.Health.Variants[0].Calls, client.Health.Variants[0].Errors).Should().Be((0, 1));
    }

    [Fact]
    public async Task It_shows_how_long_answers_take_to_begin_and_to_end()
    {
        var provider = new ProviderEmulator(_time);
        foreach (int seconds in new[] { 2, 4 })
            provider.ThenAnswer(["one", "two"], reply => reply.DelayBeforeFirstUpdate(TimeSpan.FromSeconds(seconds)).DelayBetweenUpdates(TimeSpan.FromSeconds(1)));
        provider.ThenAnswer("plain", reply => reply.DelayBeforeHeaders(TimeSpan.FromSeconds(6)));
        await using FastClient client = TestClients.OpenAI(provider, _time, PerformanceMode.Fast, h => h.MapModel("chat", map => map.Target(TestClients.Model, weight: 2).Target("openai/gpt-5", weight: 0)).UseDefaultModel("chat"));

        for (int i = 0; i < 2; i++) await _time.AdvanceUntil(client.StreamTextAsync("hi").ToListAsync());
        VariantStatus streamed = client.Health.Variants[0];
        await _time.AdvanceUntil(client.GetResponseAsync("hi"));
        VariantStatus all = client.Health.Variants[0];

        streamed.MeanTimeToFirstUpdate.Should().Be(TimeSpan.FromSeconds(3));
        streamed.MeanDuration.Should().Be(TimeSpan.FromSeconds(4));
        (all.Calls, all.MeanTimeToFirstUpdate).Should().Be((3, TimeSpan.FromSeconds(3)), "an answer in one piece says nothing about its beginning");
        all.MeanDuration!.Value.Should().BeCloseTo(TimeSpan.FromSeconds(14 / 3.0), TimeSpan.FromMilliseconds(1));
        (client.Health.Variants[1].MeanTimeToFirstUpdate, client.Health.Variants[1].MeanDuration).Should().Be((null, null));
    }

    [Fact]
    public async Task As_text_it_is_a_second_table()
    {
        _hosts.Fail("c", HttpStatusCode.InternalServerError);
        await using FastClient client = _hosts.Client(map => map.Target("a/m").Shadow("c/m"), time: _time);

        await client.GetResponseAsync("hi");
        await Shadows.ShadowHosts.Settled(client);

        client.Health.ToString().Should().EndWith(
            "\n\nalias  target  role    share  calls  errors  skipped  first update   mean      cost\n"
            + "chat   a/m     stable      1      1       0                         0.0 s  unpriced\n"
            + "chat   c/m     shadow      1      0       1        0\n");
        client.Health.Variants[1].ToString().Should().Be("chat c/m shadow 1 0 1 0");
    }
}
