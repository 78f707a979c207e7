using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Embeddings;

// A call that is too large for one request, and what may stand behind an alias.
public sealed class SplitCallTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_large_call_becomes_several_requests_put_together_in_order()
    {
        await using var host = new BatchHost(batches => batches.MaxItems = 10, isHeld: false);
        await using var plain = new BatchHost(batches => batches.IsEnabled = false, isHeld: false);
        host.Provider.Otherwise(new EmulatedReply().Usage(7, 0));
        string[] texts = [.. Enumerable.Range(0, 35).Select(i => $"text {i}")];

        GeneratedEmbeddings<Embedding<float>> result = await host.Client.GenerateAsync(texts).WaitAsync(Guard);
        GeneratedEmbeddings<Embedding<float>> expected = await plain.Client.GenerateAsync(texts);

        host.Sizes.Should().Equal(10, 10, 10, 5);
        for (int i = 0; i < texts.Length; i++) result[i].Vector.ToArray().Should().Equal(expected[i].Vector.ToArray());
        result.Usage!.InputTokenCount.Should().Be(28);
        ((string)result.AdditionalProperties!["harbor.attempts"]!).Should().Contain("\"number\":4");
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Tokens_split_a_call_too_and_a_single_large_text_goes_alone()
    {
        await using var host = new BatchHost(batches => batches.MaxTokens = 40, isHeld: false);
        string thirty = string.Concat(Enumerable.Repeat("word ", 30));
        string sixty = thirty + thirty;

        await host.Client.GenerateAsync(["a", thirty, thirty, "b", sixty, "c"]).WaitAsync(Guard);
        await host.Client.GenerateAsync([sixty]).WaitAsync(Guard);

        host.Sizes.Should().Equal(2, 2, 1, 1, 1);
    }

    [Fact]
    public async Task A_piece_that_fails_fails_the_call_and_stops_the_others()
    {
        await using var host = new BatchHost(
            batches =>
            {
                batches.MaxItems = 1;
                batches.MaxConcurrentBatches = 2;
            },
            isHeld: false);
        host.Provider.ThenReply(new EmulatedReply().NeverAnswer()).Then(401);

        Task call = host.Client.GenerateAsync(["a", "b", "c", "d"]);

        (await call.Awaiting(task => task.WaitAsync(Guard)).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Authentication);
        host.Provider.Attempts.Should().HaveCount(2);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_large_call_that_is_cancelled_says_whose_token_it_was()
    {
        await using var host = new BatchHost(batches => batches.MaxItems = 1, isHeld: false);
        host.Provider.Otherwise(new EmulatedReply().NeverAnswer());
        using var source = new CancellationTokenSource();

        Task call = host.Client.GenerateAsync(["a", "b"], cancellationToken: source.Token);
        await host.Provider.AttemptReceived(1);
        await source.CancelAsync();

        (await call.Awaiting(task => task.WaitAsync(Guard)).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_requests_of_a_large_call_share_one_duration()
    {
        await using var host = new BatchHost(batches => batches.MaxItems = 1, isHeld: false);
        host.Provider.Otherwise(new EmulatedReply().DelayBeforeHeaders(TimeSpan.FromSeconds(4)));

        Task call = host.Client.GenerateAsync(["a", "b", "c"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.total_timeout"] = 6 } });
        await host.Provider.AttemptReceived(1);
        await host.Time.TimerSet(TimeSpan.FromSeconds(4));
        host.Time.Advance(TimeSpan.FromSeconds(4));
        await host.Provider.AttemptReceived(2);
        host.Time.Advance(TimeSpan.FromSeconds(2));

        (await call.Awaiting(task => task.WaitAsync(Guard)).Should().ThrowAsync<HarborTimeoutException>()).Which.Message.Should().Contain("00:00:06");
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task OpenAI_takes_two_thousand_texts_in_one_request_and_an_own_host_thirty_two()
    {
        var provider = new ProviderEmulator();
        await using FastClient openAI = Emulated.OpenAI(provider);
        await using FastClient local = Emulated.Local(provider);
        string[] texts = [.. Enumerable.Range(0, 2049).Select(i => "x")];

        await openAI.GenerateAsync(texts);
        await local.GenerateAsync(texts[..40]);

        provider.Attempts.Select(attempt => BatchHost.Inputs(attempt).Count).Should().BeEquivalentTo([2048, 1, 32, 8]);
    }

    [Fact]
    public async Task An_alias_of_several_models_is_refused_for_embeddings()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h.AddOpenAI(provider).AddLocal(provider).MapModel("mixed", "openai/one", "lab/two")
            .MapModel("same", "openai/one", "lab/one").MapModel("said", map => map.Target("openai/one").Target("lab/two").IsOneEmbeddingModel()));

        Func<Task> mixed = () => client.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "mixed" });

        HarborException error = (await mixed.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("mixed").And.Contain("openai/one, lab/two").And.Contain("IsOneEmbeddingModel");
        provider.Attempts.Should().BeEmpty();
        (await client.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "same" })).Should().ContainSingle();
        (await client.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "said" })).Should().ContainSingle();
        (await client.AskAsync(options: new ChatOptions { ModelId = "mixed" })).Text.Should().NotBeEmpty("chat may mix models");
    }

    [Fact]
    public void A_default_embedding_model_of_several_models_is_refused_when_the_client_is_built()
    {
        Action build = () => Emulated.Both(new ProviderEmulator(), new ProviderEmulator(), h => h.UseDefaultEmbeddingModel("chat"));

        build.Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Theory]
    [InlineData("MaxItems")]
    [InlineData("MaxTokens")]
    [InlineData("MaxWait")]
    [InlineData("MaxConcurrentBatches")]
    public void A_setting_out_of_bounds_is_named(string setting)
    {
        Action build = () => _ = new BatchHost(batches =>
        {
            if (setting == "MaxItems") batches.MaxItems = 0;
            else if (setting == "MaxTokens") batches.MaxTokens = -1;
            else if (setting == "MaxWait") batches.MaxWait = TimeSpan.FromMinutes(1);
            else batches.MaxConcurrentBatches = 0;
        });

        build.Should().Throw<HarborException>().Which.Message.Should().Contain("EmbeddingBatches." + setting);
    }
}
