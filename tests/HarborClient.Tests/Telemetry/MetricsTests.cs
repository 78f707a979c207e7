using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class MetricsTests
{
    private const string Duration = "gen_ai.client.operation.duration";
    private const string FirstChunk = "gen_ai.client.operation.time_to_first_chunk";
    private const string TokenUsage = "gen_ai.client.token.usage";
    private const string Input = "gen_ai.client.inference.usage.input_tokens";
    private const string Output = "gen_ai.client.inference.usage.output_tokens";
    private const string CacheRead = "gen_ai.client.inference.usage.cache_read.input_tokens";
    private const string CacheWrite = "gen_ai.client.inference.usage.cache_write.input_tokens";
    private const string Reasoning = "gen_ai.client.inference.usage.reasoning.output_tokens";
    private const string Attempts = "harbor.client.attempts";
    private const string Hedges = "harbor.client.hedges";
    private const string AttemptDuration = "harbor.client.attempt.duration";

    private static EmulatedReply Reply => EmulatedReply.Answer(["Hello", " there"]).Usage(20, 9, cachedTokens: 5, reasoningTokens: 3).Model("answering-model");

    [Fact]
    public async Task The_meter_has_these_instruments_with_these_units()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.AddBudget("all", Money.FromUsd(1)));
        await client.AskAsync();

        metrics.Instruments.Select(instrument => (instrument.Name, instrument.Unit)).Should().BeEquivalentTo(new[]
        {
            (Duration, "s"), (FirstChunk, "s"), (TokenUsage, "{token}"), (Input, "{token}"), (Output, "{token}"), (CacheRead, "{token}"), (CacheWrite, "{token}"), (Reasoning, "{token}"),
            (Attempts, "{attempt}"), (Hedges, "{attempt}"), (AttemptDuration, "s"), ("harbor.client.refusals", "{refusal}"), ("harbor.client.cost", "{nano_usd}"),
            ("harbor.client.target.in_flight", "{attempt}"), ("harbor.client.target.in_flight.limit", "{attempt}"), ("harbor.client.target.queued", "{attempt}"),
            ("harbor.client.target.batch", "{text}"), ("harbor.client.target.breaker.state", "{state}"),
            ("harbor.client.cache.lookups", "{lookup}"), ("harbor.client.cache.read.duration", "s"), ("harbor.client.cache.semantic_hits", "{call}"), ("harbor.client.cache.coalesced", "{call}"),
            ("harbor.client.cache.stored", "{entry}"), ("harbor.client.cache.dropped", "{entry}"), ("harbor.client.cache.evicted", "{entry}"), ("harbor.client.cache.size", "By"),
            ("harbor.client.cache.saved_tokens", "{token}"), ("harbor.client.cache.saved_cost", "{nano_usd}"),
            ("harbor.client.budget.spent", "{nano_usd}"), ("harbor.client.budget.reserved", "{nano_usd}"), ("harbor.client.budget.limit", "{nano_usd}"), ("harbor.client.alerts", "{alert}"),
        });
        metrics.Instruments.Should().OnlyContain(instrument => !string.IsNullOrEmpty(instrument.Description));
    }

    [Fact]
    public async Task An_attempt_records_what_it_cost_and_whether_that_is_an_estimate()
    {
        using var metrics = new MetricRecorder("harbor.client.cost");
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(EmulatedReply.Answer("hi").Usage(1_000, 500)).ThenReply(EmulatedReply.Answer("hi").WithoutUsage()));

        await client.AskAsync();
        await client.AskAsync();

        metrics.All.Should().HaveCount(2);
        metrics.All[0].Value.Should().Be(450_000);
        metrics.All[0].Tags.Should().NotContainKey("harbor.cost.estimated");
        metrics.All[1].Tags.Should().Contain("harbor.cost.estimated", true);
    }

    [Theory]
    [InlineData(PerformanceMode.Fast, false)]
    [InlineData(PerformanceMode.Balanced, false)]
    [InlineData(PerformanceMode.Full, false)]
    [InlineData(PerformanceMode.Fast, true)]
    public async Task A_call_records_its_duration_and_its_tokens_in_both_families(PerformanceMode mode, bool isStreaming)
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(Reply), h => h.UseMode(mode));

        if (isStreaming) await client.UpdatesAsync();
        else await client.AskAsync();

        var common = new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.provider.name"] = "openai",
            ["gen_ai.request.model"] = "gpt-4o-mini",
            ["gen_ai.response.model"] = "answering-model",
            ["server.address"] = "api.example.test",
            ["server.port"] = 443,
        };
        metrics.Of(Duration).Should().ContainSingle().Which.Tags.Should().BeEquivalentTo(common);
        metrics.Of(TokenUsage).Select(m => (m.Tags["gen_ai.token.type"], m.Value)).Should().BeEquivalentTo(new (object?, double)[] { ("input", 20), ("output", 9) });
        foreach ((string counter, double tokens) in new[] { (Input, 20.0), (Output, 9), (CacheRead, 5), (Reasoning, 3) })
        {
            Measurement counted = metrics.Of(counter).Should().ContainSingle().Which;
            counted.Value.Should().Be(tokens);
            counted.Tags.Should().BeEquivalentTo(common);
        }

        metrics.Of(CacheWrite).Should().BeEmpty("the host reported none");
        metrics.Of(FirstChunk).Should().HaveCount(isStreaming ? 1 : 0);
    }

    [Fact]
    public async Task Times_are_seconds_of_the_clients_clock()
    {
        var time = new ManualTimeProvider();
        using var metrics = new MetricRecorder();
        var provider = new ProviderEmulator(time).ThenReply(EmulatedReply.Answer(["a", "b"]).DelayBeforeFirstUpdate(TimeSpan.FromSeconds(2)).DelayBetweenUpdates(TimeSpan.FromSeconds(3)));
        await using FastClient client = Emulated.OpenAI(provider, h => h.UseTimeProvider(time));

        Task call = client.UpdatesAsync();
        await time.TimerSet(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(2));
        await time.TimerSet(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));
        await call;

        metrics.Of(Duration).Single().Value.Should().Be(5);
        metrics.Of(FirstChunk).Single().Value.Should().Be(2);
        metrics.Of(AttemptDuration).Single().Value.Should().Be(5);
    }

    [Fact]
    public async Task Tokens_written_to_the_providers_cache_are_counted()
    {
        using var metrics = new MetricRecorder();
        const string Body = """{"model":"m","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":1,"total_tokens":21,"prompt_tokens_details":{"cache_write_tokens":12}}}""";
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenRaw(Body, "application/json"));

        await client.AskAsync();

        metrics.Of(CacheWrite).Should().ContainSingle().Which.Value.Should().Be(12);
    }

    [Fact]
    public async Task A_failed_call_counts_zero_tokens_and_names_its_error()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().Then(401));

        await client.FailureAsync();

        metrics.Of(Duration).Single().Tags.Should().Contain("error.type", "Authentication").And.NotContainKey("gen_ai.response.model");
        metrics.Of(Input).Single().Value.Should().Be(0);
        metrics.Of(Output).Single().Value.Should().Be(0);
        metrics.Of(TokenUsage).Should().BeEmpty("a histogram of zeros would say that answers are short");
    }

    [Fact]
    public async Task A_call_that_its_caller_left_is_no_failure_but_says_so()
    {
        using var metrics = new MetricRecorder();
        var provider = new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two three").SilentAfterUpdates(1)).ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Emulated.OpenAI(provider);
        using var source = new CancellationTokenSource();

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")])) break;
        Task cancelled = client.AskAsync(cancellationToken: source.Token);
        await provider.AttemptReceived(2);
        await source.CancelAsync();
        await cancelled.Awaiting(call => call).Should().ThrowAsync<OperationCanceledException>();

        metrics.Of(Duration).Select(m => m.Tags["error.type"]).Should().Equal("Abandoned", "Cancelled");
        metrics.Of(Input).Should().BeEmpty();
    }

    [Fact]
    public async Task Every_attempt_is_counted_with_its_target_and_its_error()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Emulated.Both(new ProviderEmulator().Then(503), new ProviderEmulator());

        await client.AskAsync();

        metrics.Of(Attempts).Select(m => m.Value).Should().Equal(1, 1);
        metrics.Of(Attempts)[0].Tags.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["gen_ai.provider.name"] = "openai", ["gen_ai.request.model"] = "gpt-4o-mini", ["server.address"] = "api.example.test", ["server.port"] = 443, ["error.type"] = "Overloaded",
        });
        metrics.Of(Attempts)[1].Tags.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["gen_ai.provider.name"] = "lab", ["gen_ai.request.model"] = "small", ["server.address"] = "gpu1.example.test", ["server.port"] = 8000,
        });
        metrics.Of(AttemptDuration).Should().HaveCount(2);
        metrics.Of(Duration).Should().ContainSingle("two attempts are one call");
    }

    [Fact]
    public async Task An_embedding_call_is_an_operation_of_its_own_name()
    {
        using var metrics = new MetricRecorder();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(new EmulatedReply().Usage(7, 0)));

        await client.GenerateAsync(["a"]);

        metrics.Of(Duration).Single().Tags.Should().Contain("gen_ai.operation.name", "embeddings").And.Contain("gen_ai.request.model", "text-embedding-3-small");
        metrics.Of(Input).Single().Value.Should().Be(7);
        metrics.Of(Output).Sum(m => m.Value).Should().Be(0);
    }

    [Theory]
    [InlineData(Duration)]
    [InlineData(FirstChunk)]
    [InlineData(TokenUsage)]
    [InlineData(Input)]
    [InlineData(Output)]
    [InlineData(CacheRead)]
    [InlineData(Reasoning)]
    [InlineData(Attempts)]
    [InlineData(AttemptDuration)]
    public async Task One_who_listens_to_a_single_instrument_hears_it(string instrument)
    {
        using var metrics = new MetricRecorder(instrument);
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(Reply));

        await client.UpdatesAsync();

        metrics.All.Should().NotBeEmpty().And.OnlyContain(m => m.Instrument == instrument);
    }
}
