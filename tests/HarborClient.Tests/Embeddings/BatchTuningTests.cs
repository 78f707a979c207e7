using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Embeddings;

// Targets of Limits.Tuning move the size of embedding requests and the limit on requests in flight together.
public sealed class BatchTuningTests
{
    // Half way between 1 and 101 of both.
    private const int Middle = 51;

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Held = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;
    private TimeSpan _takes = Quick;
    private int _failEvery;

    public BatchTuningTests()
    {
        _provider = new ProviderEmulator(_time);
        _provider.Respond(attempt => _failEvery > 0 && attempt.Number % _failEvery == 0 ? EmulatedReply.Error(500) : new EmulatedReply().DelayBeforeHeaders(_takes));
    }

    [Fact]
    public async Task A_latency_above_its_target_makes_requests_smaller_and_below_it_larger()
    {
        await using FastClient client = Client(lab => lab.Limits.Tuning.TargetLatency = TimeSpan.FromMilliseconds(600));
        TargetStatus before = Status(client);
        int largestBefore = await LargestAsync(client);

        _takes = Slow;
        await AnswersAsync(client, 20);
        TargetStatus slow = Status(client);
        int largestSlow = await LargestAsync(client);
        _takes = Quick;
        await AnswersAsync(client, 200);
        TargetStatus quick = Status(client);
        int largestQuick = await LargestAsync(client);

        (before.SuggestedBatch, before.MaximumInFlight, largestBefore).Should().Be((Middle, Middle, Middle));
        slow.SuggestedBatch.Should().BeLessThan(Middle).And.Be(slow.MaximumInFlight, "both have the same bounds here, and move together");
        largestSlow.Should().Be(slow.SuggestedBatch);
        quick.SuggestedBatch.Should().BeGreaterThan(slow.SuggestedBatch!.Value);
        largestQuick.Should().BeInRange(quick.SuggestedBatch!.Value, quick.SuggestedBatch.Value + 1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Calls_that_wait_share_requests_of_no_more_texts_than_the_target_allows()
    {
        await using FastClient client = Client(lab => lab.Limits.Tuning.TargetLatency = TimeSpan.FromMilliseconds(600));
        _takes = Slow;
        await AnswersAsync(client, 20);
        int batch = Status(client).SuggestedBatch!.Value;
        int asked = _provider.Attempts.Count;
        _takes = Held;
        Task holding = client.GenerateAsync(["holding"]);
        await _provider.AttemptReceived(asked + 1);
        await _time.TimerSet(Held);
        _takes = Quick;

        Task[] waiting = [.. Enumerable.Range(0, batch + 5).Select(i => client.GenerateAsync([$"text {i}"]))];
        await _time.AdvanceUntil(Task.WhenAll([holding, .. waiting]));

        SizesAfter(asked + 1).Should().BeEquivalentTo([batch, 5]);
    }

    [Fact]
    public async Task An_error_rate_above_its_target_makes_requests_smaller()
    {
        await using FastClient client = Client(lab => lab.Limits.Tuning.TargetErrorRate = 0.1);

        _failEvery = 4;
        await AnswersAsync(client, 40);
        _failEvery = 0;

        Status(client).SuggestedBatch.Should().BeLessThan(Middle);
        (await LargestAsync(client)).Should().Be(Status(client).SuggestedBatch);
    }

    [Fact]
    public async Task Both_stay_within_their_bounds()
    {
        await using FastClient client = Client(lab =>
        {
            lab.Limits.MinimumInFlight = 7;
            lab.Limits.Tuning.TargetLatency = TimeSpan.FromMilliseconds(600);
            lab.Limits.Tuning.MinimumBatch = 3;
            lab.Limits.Tuning.MaximumBatch = 30;
        });

        _takes = Slow;
        await AnswersAsync(client, 300);
        TargetStatus lowest = Status(client);
        _takes = Quick;
        await AnswersAsync(client, 750);
        TargetStatus highest = Status(client);

        (lowest.SuggestedBatch, lowest.MaximumInFlight).Should().Be((3, 7));
        highest.SuggestedBatch.Should().Be(30);
    }

    [Fact]
    public async Task What_a_provider_takes_at_once_is_never_exceeded()
    {
        await using FastClient client = Client(lab =>
        {
            lab.Limits.Tuning.TargetLatency = TimeSpan.FromMilliseconds(600);
            lab.EmbeddingBatches.MaxItems = 20;
        });

        Status(client).SuggestedBatch.Should().Be(Middle);
        (await LargestAsync(client)).Should().Be(20);
    }

    [Fact]
    public async Task Without_a_target_nothing_is_suggested_and_the_providers_limit_holds()
    {
        await using FastClient client = Client(lab => lab.EmbeddingBatches.MaxItems = 90);

        Status(client).SuggestedBatch.Should().BeNull();
        (await LargestAsync(client)).Should().Be(90);
    }

    [Fact]
    public async Task A_fallback_that_nobody_asks_now_does_not_make_requests_smaller()
    {
        var fallback = new ProviderEmulator(_time).Then(503);
        await using FastClient client = Client(lab => lab.Limits.Tuning.TargetLatency = TimeSpan.FromSeconds(30), builder => builder
            .AddLocal("small", new Uri("http://small.test:8000/v1/"), small =>
            {
                small.UseHandler(fallback.CreateHandler());
                small.Retry.MaximumAttempts = 1;
                (small.CircuitBreaker.MinimumAttempts, small.CircuitBreaker.Break) = (1, TimeSpan.FromMinutes(1));
                small.EmbeddingBatches.MaxItems = 10_000;
                small.Limits.Tuning.TargetErrorRate = 0.5;
                small.Limits.Tuning.MaximumBatch = 2;
            })
            .MapModel("both", "lab/embedder", "small/embedder").UseDefaultEmbeddingModel("both"));

        int together = await LargestAsync(client);
        await _time.AdvanceUntil(client.GenerateAsync(["fails"], new EmbeddingGenerationOptions { ModelId = "small/embedder" }));
        int alone = await LargestAsync(client);

        together.Should().Be(1);
        alone.Should().BeGreaterThanOrEqualTo(Middle);
    }

    private FastClient Client(Action<LocalOptions> configure, Action<HarborBuilder>? more = null) => FastClient.Create(builder =>
    {
        builder.UseTimeProvider(_time).AddLocal("lab", Emulated.LocalEndpoint, lab =>
        {
            lab.SendOnceThrough(_provider.CreateHandler());
            lab.EmbeddingBatches.MaxConcurrentBatches = 1;
            lab.EmbeddingBatches.MaxItems = 10_000;
            (lab.Limits.MinimumInFlight, lab.Limits.InitialInFlight, lab.Limits.MaximumInFlight) = (1, Middle, 101);
            (lab.Limits.Tuning.MinimumBatch, lab.Limits.Tuning.MaximumBatch) = (1, 101);
            configure(lab);
        }).UseDefaultEmbeddingModel("lab/embedder").UseMemoryCache(memory => memory.SizeLimitBytes = 0);
        more?.Invoke(builder);
    });

    private static TargetStatus Status(FastClient client) => client.Health.Targets.Single(target => target.Target == "lab/embedder");

    private async Task AnswersAsync(FastClient client, int count)
    {
        for (int i = 0; i < count; i++) await _time.AdvanceUntil(client.GenerateAsync(["text"]));
    }

    // The largest of the requests that one call of many texts becomes.
    private async Task<int> LargestAsync(FastClient client)
    {
        int asked = _provider.Attempts.Count;
        await _time.AdvanceUntil(client.GenerateAsync(Enumerable.Range(0, 150).Select(i => $"text {i}")));
        return SizesAfter(asked).Max();
    }

    private IEnumerable<int> SizesAfter(int attempts) => _provider.Attempts.Skip(attempts).Select(attempt => BatchHost.Inputs(attempt).Count);
}
