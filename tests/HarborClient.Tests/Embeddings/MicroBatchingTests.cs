using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Embeddings;

public sealed class MicroBatchingTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_call_goes_out_at_once_and_alone_while_the_model_is_idle()
    {
        await using var host = new BatchHost(isHeld: false);

        for (int i = 0; i < 3; i++) await host.Ask($"text {i}").WaitAsync(Guard);

        host.Sizes.Should().Equal(1, 1, 1);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Calls_that_come_meanwhile_share_the_next_request_and_each_gets_its_own()
    {
        await using var host = new BatchHost(batches => batches.MaxWait = TimeSpan.FromSeconds(10));
        host.Provider.ThenReply(new EmulatedReply().Usage(103, 0).Model("answering-model"));
        Task holding = await host.HoldAsync();

        Task<GeneratedEmbeddings<Embedding<float>>>[] waiting = [host.Ask("a"), host.Client.GenerateAsync(["b", "c"]), host.Ask("d")];
        await host.PassWaitAsync(2);
        GeneratedEmbeddings<Embedding<float>>[] results = await Task.WhenAll(waiting).WaitAsync(Guard);

        BatchHost.Inputs(host.Provider.Attempts[1]).Should().Equal("a", "b", "c", "d");
        results.Select(result => result.Count).Should().Equal(1, 2, 1);
        results.Select(result => result.Usage!.InputTokenCount).Should().Equal([25, 52, 26], "half of the estimated tokens are the second's, and nothing is lost to rounding");
        results.Should().OnlyContain(result => result[0].ModelId == "answering-model" && (string)result.AdditionalProperties!["harbor.provider"]! == "lab");
        results[2].AdditionalProperties!["harbor.duration_ms"].Should().Be(10_000.0, "waiting counts");
        host.Time.Advance(BatchHost.Held);
        await holding.WaitAsync(Guard);
        await AssertSameAsync(host, results.SelectMany(result => result), "a", "b", "c", "d");
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_request_that_ends_starts_the_next_before_the_wait_is_over()
    {
        await using var host = new BatchHost(isHeld: false);
        host.Provider.ThenReply(new EmulatedReply().DelayBeforeHeaders(TimeSpan.FromSeconds(1)));
        Task first = host.Ask("first");
        await host.Provider.AttemptReceived(1);
        await host.Time.TimerSet(TimeSpan.FromSeconds(1));

        Task[] waiting = [.. Enumerable.Range(0, 5).Select(i => host.Ask($"text {i}"))];
        host.Sizes.Should().Equal(1);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await first.WaitAsync(Guard);
        await Task.WhenAll(waiting).WaitAsync(Guard);

        host.Sizes.Should().Equal(1, 5);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_slow_host_holds_nobody_up_for_longer_than_the_wait()
    {
        await using var host = new BatchHost();
        Task holding = await host.HoldAsync();
        Task[] waiting = [.. Enumerable.Range(0, 5).Select(i => host.Ask($"text {i}", new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.total_timeout"] = 600 + i } }))];

        host.Time.Advance(TimeSpan.FromSeconds(9));
        host.Sizes.Should().Equal(1);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(waiting).WaitAsync(Guard);

        host.Sizes.Should().Equal([1, 5], "they differ only in their timeouts");
        host.Time.Advance(BatchHost.Held);
        await holding.WaitAsync(Guard);
    }

    [Fact]
    public async Task What_must_not_meet_in_one_request_does_not()
    {
        await using var host = new BatchHost();
        await host.HoldAsync();
        static EmbeddingGenerationOptions With(string key, object? value) => new() { AdditionalProperties = new() { [key] = value } };

        List<Task> waiting =
        [
            host.Ask("plain 1"), host.Ask("plain 2", new EmbeddingGenerationOptions()), host.Ask("plain 3", new EmbeddingGenerationOptions { ModelId = "lab/embedder" }),
            host.Ask("dimensions", new EmbeddingGenerationOptions { Dimensions = 4 }),
            host.Ask("tenant a 1", With("harbor.tenant", "a")), host.Ask("tenant a 2", With("harbor.tenant", "a")), host.Ask("tenant b", With("harbor.tenant", "b")),
            host.Ask("user", With("harbor.user", "u")), host.Ask("tags", With("harbor.tags", new Dictionary<string, string> { ["k"] = "v" })),
            host.Ask("scope", With("harbor.cache_scope", "s")), host.Ask("property 1", With("truncate", "END")), host.Ask("property 2", With("truncate", "END")),
            host.Ask("property 3", With("truncate", BatchHost.Json("\"END\""))),
        ];
        await host.PassWaitAsync(10);
        await Task.WhenAll(waiting).WaitAsync(Guard);

        host.Provider.Attempts.Skip(1).Select(attempt => string.Join(", ", BatchHost.Inputs(attempt))).Should().BeEquivalentTo(
            "plain 1, plain 2, plain 3", "dimensions", "tenant a 1, tenant a 2", "tenant b", "user", "tags", "scope", "property 1, property 2", "property 3");
        host.Provider.Attempts.Single(attempt => BatchHost.Inputs(attempt)[0] == "dimensions").BodyJson!.Value.GetProperty("dimensions").GetInt32().Should().Be(4);
    }

    [Fact]
    public async Task A_raw_representation_is_never_joined_and_does_not_wait()
    {
        await using var host = new BatchHost();
        await host.HoldAsync();

        await host.Ask("raw", new EmbeddingGenerationOptions { RawRepresentationFactory = _ => new JsonObject { ["x"] = 1 } }).WaitAsync(Guard);

        host.Sizes.Should().Equal(1, 1);
    }

    [Fact]
    public async Task Options_that_change_while_a_call_waits_have_no_effect()
    {
        await using var host = new BatchHost();
        await host.HoldAsync();
        var options = new EmbeddingGenerationOptions { Dimensions = 4 };

        Task<GeneratedEmbeddings<Embedding<float>>> waiting = host.Ask("a", options);
        options.Dimensions = 2;
        await host.PassWaitAsync(2);

        (await waiting.WaitAsync(Guard))[0].Vector.Length.Should().Be(4);
    }

    [Fact]
    public async Task A_batch_holds_no_more_than_the_limits()
    {
        await using var host = new BatchHost(batches =>
        {
            batches.MaxItems = 3;
            batches.MaxTokens = 40;
        });
        await host.HoldAsync();
        string twenty = string.Concat(Enumerable.Repeat("word ", 20)), others = string.Concat(Enumerable.Repeat("text ", 20));

        Task[] waiting = [host.Ask("a"), host.Ask("b"), host.Ask("c"), host.Ask("d"), host.Ask(twenty), host.Ask(others), host.Ask("e")];
        await host.PassWaitAsync(4);
        await Task.WhenAll(waiting).WaitAsync(Guard);

        host.Sizes.Should().BeEquivalentTo([1, 3, 2, 2]);
    }

    [Fact]
    public async Task Switched_off_a_call_is_a_request()
    {
        await using var host = new BatchHost(batches =>
        {
            batches.IsEnabled = false;
            batches.MaxItems = 1;
        });
        await host.HoldAsync();

        await Task.WhenAll(host.Ask("a"), host.Client.GenerateAsync(["b", "c"])).WaitAsync(Guard);

        host.Sizes.Should().BeEquivalentTo([1, 1, 2]);
    }

    [Fact]
    public async Task A_thousand_callers_of_whom_a_third_leaves_share_a_few_requests()
    {
        await using var host = new BatchHost(batches =>
        {
            batches.MaxConcurrentBatches = 4;
            batches.MaxItems = 256;
        });
        using var source = new CancellationTokenSource();
        for (int i = 0; i < 3; i++) host.Provider.ThenReply(new EmulatedReply().DelayBeforeHeaders(BatchHost.Held));

        Task<GeneratedEmbeddings<Embedding<float>>>[] callers = [.. Enumerable.Range(0, 1000).Select(i => host.Ask($"text {i}", token: i % 3 == 1 ? source.Token : default))];
        await host.Provider.AttemptReceived(4);
        await source.CancelAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        host.Time.Advance(BatchHost.Held);
        foreach (Task caller in callers) await Record(caller).WaitAsync(Guard);

        for (int i = 0; i < callers.Length; i++) callers[i].IsCanceled.Should().Be(i % 3 == 1);
        host.Provider.Attempts.Count.Should().Be(4 + 3, "four went out at once, the 664 that waited in three requests of at most 256");
        TestReport.Add($"embedding batches: {callers.Length} concurrent callers, a third cancelled: {host.Provider.Attempts.Count} requests");
        int[] whole = [.. Enumerable.Range(0, 1000).Where(i => i % 3 != 1)];
        await AssertSameAsync(host, whole.Select(i => callers[i].Result[0]), [.. whole.Select(i => $"text {i}")]);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_thousand_callers_of_OpenAI_are_five_requests()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time);
        for (int i = 0; i < 4; i++) provider.ThenReply(new EmulatedReply().DelayBeforeHeaders(BatchHost.Held));
        await using FastClient client = TestClients.Balanced(provider, time);

        Task[] callers = [.. Enumerable.Range(0, 1000).Select(i => client.GenerateAsync([$"text {i}"]))];
        await provider.AttemptReceived(4);
        time.Advance(TimeSpan.FromMilliseconds(20));
        await Task.WhenAll(callers[4..]).WaitAsync(Guard);
        time.Advance(BatchHost.Held);
        await Task.WhenAll(callers).WaitAsync(Guard);

        provider.Attempts.Select(attempt => BatchHost.Inputs(attempt).Count).Should().BeEquivalentTo([1, 1, 1, 1, 996]);
        TestReport.Add($"embedding batches: {callers.Length} concurrent callers of OpenAI by default: {provider.Attempts.Count} requests");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Callers_on_many_threads_all_get_their_own_vectors()
    {
        await using var host = new BatchHost(batches => batches.MaxConcurrentBatches = 2, isHeld: false);
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"text {i}")];
        var vectors = new Embedding<float>[texts.Length];

        await Parallel.ForAsync(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, token) => vectors[i] = (await host.Ask(texts[i], token: token))[0]).WaitAsync(Guard);

        host.Sizes.Sum().Should().Be(texts.Length);
        await AssertSameAsync(host, vectors, texts);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    // The same texts in one request, asked by a client that joins nothing.
    private static async Task AssertSameAsync(BatchHost host, IEnumerable<Embedding<float>> actual, params string[] texts)
    {
        await using var plain = new BatchHost(batches => batches.IsEnabled = false, isHeld: false);
        GeneratedEmbeddings<Embedding<float>> expected = await plain.Client.GenerateAsync(texts);
        int i = 0;
        foreach (Embedding<float> embedding in actual) embedding.Vector.Span.SequenceEqual(expected[i++].Vector.Span).Should().BeTrue();
        i.Should().Be(texts.Length);
        host.Client.Outstanding().Exchanges.Should().Be(0);
    }

    private static async Task Record(Task task) => await task.ContinueWith(static _ => { }, TaskScheduler.Default);
}
