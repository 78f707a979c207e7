using HarborClient.Testing;

namespace HarborClient.Tests.Telemetry;

// How targets are doing, as gauges, and what was refused, as a counter.
[Collection(TelemetryCollection.Name)]
public sealed class TargetMetricsTests
{
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    // Clients of other tests may have targets of their own.
    private readonly string _host = $"{Guid.NewGuid():N}.test";

    public TargetMetricsTests() => _provider = new ProviderEmulator(_time).Otherwise(new EmulatedReply().DelayBeforeHeaders(Held));

    [Fact]
    public async Task Gauges_move_with_what_the_target_does()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Client(lab =>
        {
            (lab.Limits.InitialInFlight, lab.Limits.MaximumInFlight) = (2, 21);
            lab.Limits.Tuning.TargetLatency = TimeSpan.FromSeconds(0.5);
            (lab.Limits.Tuning.MinimumBatch, lab.Limits.Tuning.MaximumBatch) = (10, 110);
        });

        Dictionary<string, double> idle = Read(metrics);
        Task<ChatResponse>[] calls = [.. Enumerable.Range(0, 3).Select(_ => client.GetResponseAsync("hi"))];
        await _provider.AttemptReceived(2);
        Dictionary<string, double> busy = Read(metrics);
        await _time.AdvanceUntil(Task.WhenAll(calls));
        for (int i = 0; i < 20; i++) await _time.AdvanceUntil(client.GetResponseAsync("hi"));
        Dictionary<string, double> tuned = Read(metrics);

        idle.Should().BeEquivalentTo(new Dictionary<string, double> { ["in_flight"] = 0, ["in_flight.limit"] = 2, ["queued"] = 0, ["batch"] = 15, ["breaker.state"] = 0 });
        (busy["in_flight"], busy["queued"]).Should().Be((2, 1));
        tuned["batch"].Should().BeLessThan(15).And.Be(client.Health.Targets[0].SuggestedBatch);
        tuned["in_flight.limit"].Should().Be(client.Health.Targets[0].MaximumInFlight);
    }

    [Fact]
    public async Task The_state_of_a_breaker_is_told_and_that_of_an_alias_beside_it()
    {
        using var metrics = new MetricRecorder();
        _provider.Otherwise(EmulatedReply.Error(503));
        await using FastClient client = Client(
            lab => lab.CircuitBreaker.MinimumAttempts = 2,
            builder => builder.MapModel("own", map => map.Target("lab/model").UseCircuitBreaker(breaker => breaker.MinimumAttempts = 50)));

        await FailAsync(client, 2);
        Measurement[] open = [.. Of(metrics.Observe(), "breaker.state")];
        _time.Advance(TimeSpan.FromMinutes(1));
        _provider.Otherwise(new EmulatedReply());
        await client.GetResponseAsync("hi");
        Measurement[] halfOpen = [.. Of(metrics.Observe(), "breaker.state")];

        open.Select(one => (one.Tags.GetValueOrDefault("harbor.alias"), one.Value)).Should().BeEquivalentTo(new (object?, double)[] { (null, 1), ("own", 0) });
        halfOpen.Single(one => !one.Tags.ContainsKey("harbor.alias")).Value.Should().Be(2);
        open[0].Tags.Should().Contain("gen_ai.provider.name", "lab").And.Contain("gen_ai.request.model", "model").And.Contain("server.port", 8000);
    }

    [Fact]
    public async Task Clients_of_one_target_add_up_and_leave_with_their_disposal()
    {
        using var metrics = new MetricRecorder();
        FastClient one = Client();
        FastClient two = Client();
        Task<ChatResponse>[] calls = [one.GetResponseAsync("hi"), two.GetResponseAsync("hi")];
        await _provider.AttemptReceived(2);

        Dictionary<string, double> both = Read(metrics);
        await _time.AdvanceUntil(Task.WhenAll(calls));
        await one.DisposeAsync();
        Dictionary<string, double> second = Read(metrics);
        await two.DisposeAsync();

        (both["in_flight"], both["in_flight.limit"]).Should().Be((2, 16));
        second["in_flight.limit"].Should().Be(8);
        Read(metrics).Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_host_refuses_is_counted_by_what_it_has_too_much_of()
    {
        using var metrics = new MetricRecorder("harbor.client.refusals");
        _provider.Then(429).Then(503).Then(500);
        await using FastClient client = TestClients.OpenAI(_provider, _time);

        await FailAsync(client, 3);

        metrics.All.Select(one => (one.Tags["harbor.refusal.by"], one.Tags["harbor.refusal.kind"], one.Tags["gen_ai.request.model"], one.Value)).Should().Equal(
            ("host", "rate", "gpt-4o-mini", 1), ("host", "overload", "gpt-4o-mini", 1));
    }

    [Fact]
    public async Task What_the_limits_refuse_is_counted_too()
    {
        using var metrics = new MetricRecorder("harbor.client.refusals");
        await using FastClient client = Client(lab => (lab.Limits.MaximumInFlight, lab.Limits.MaximumWait) = (1, TimeSpan.Zero));
        Task<ChatResponse> holder = client.GetResponseAsync("hi");
        await _provider.AttemptReceived(1);

        await FailAsync(client, 1);
        await _time.AdvanceUntil(holder);

        metrics.All.Select(one => (one.Tags["harbor.refusal.by"], one.Tags["harbor.refusal.kind"])).Should().Equal(("limits", "queue"));
    }

    private async Task FailAsync(FastClient client, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            Task<ChatResponse> call = client.GetResponseAsync("hi");
            await _time.AdvanceUntil(call);
            call.Exception!.InnerException.Should().BeAssignableTo<HarborException>();
        }
    }

    private FastClient Client(Action<LocalOptions>? options = null, Action<HarborBuilder>? more = null) => FastClient.Create(builder =>
    {
        builder.AddLocal("lab", new Uri($"http://{_host}:8000/v1/"), lab =>
        {
            lab.UseHandler(_provider.CreateHandler());
            lab.Retry.MaximumAttempts = 1;
            options?.Invoke(lab);
        }).UseDefaultModel("lab/model").UseTimeProvider(_time);
        more?.Invoke(builder);
    });

    private IEnumerable<Measurement> Of(IReadOnlyList<Measurement> all, string gauge) =>
        all.Where(one => one.Instrument == "harbor.client.target." + gauge && (string?)one.Tags["server.address"] == _host);

    private Dictionary<string, double> Read(MetricRecorder metrics) =>
        metrics.Observe().Where(one => one.Instrument.StartsWith("harbor.client.target.", StringComparison.Ordinal) && (string?)one.Tags["server.address"] == _host)
            .ToDictionary(one => one.Instrument["harbor.client.target.".Length..], one => one.Value);
}
