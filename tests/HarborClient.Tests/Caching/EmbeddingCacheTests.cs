using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Embeddings are kept one entry a text.
public sealed class EmbeddingCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public EmbeddingCacheTests() => _provider = new ProviderEmulator(_time);

    [Theory]
    [InlineData(PerformanceMode.Balanced)]
    [InlineData(PerformanceMode.Full)]
    public async Task A_text_is_embedded_once(PerformanceMode mode)
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, mode);

        GeneratedEmbeddings<Embedding<float>> first = await client.GenerateAsync(["one", "two"]);
        GeneratedEmbeddings<Embedding<float>> second = await client.GenerateAsync(["two", "one"]);

        _provider.Attempts.Should().HaveCount(1);
        second[0].Vector.ToArray().Should().Equal(first[1].Vector.ToArray());
        second[1].Vector.ToArray().Should().Equal(first[0].Vector.ToArray());
        second[0].ModelId.Should().Be(first[0].ModelId);
        second.Usage!.TotalTokenCount.Should().Be(0);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Only_texts_that_are_not_kept_are_sent()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        GeneratedEmbeddings<Embedding<float>> first = await client.GenerateAsync(["one", "three"]);

        GeneratedEmbeddings<Embedding<float>> second = await client.GenerateAsync(["one", "two", "three", "four"]);

        second.Should().HaveCount(4);
        second[0].Vector.ToArray().Should().Equal(first[0].Vector.ToArray());
        second[2].Vector.ToArray().Should().Equal(first[1].Vector.ToArray());
        _provider.Attempts[1].BodyText.Should().Contain("two").And.Contain("four").And.NotContain("three");
        second.Select(embedding => embedding.Vector.Length).Should().AllBeEquivalentTo(first[0].Vector.Length);
    }

    [Fact]
    public async Task Dimensions_tenants_and_scopes_are_kept_apart()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        await client.GenerateAsync(["one"]);

        await client.GenerateAsync(["one"], new EmbeddingGenerationOptions { Dimensions = 8 });
        await client.GenerateAsync(["one"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.tenant"] = "acme" } });
        await client.GenerateAsync(["one"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["harbor.cache_scope"] = "acme" } });
        await client.GenerateAsync(["one"], new EmbeddingGenerationOptions { ModelId = "openai/text-embedding-3-large" });
        await client.GenerateAsync(["one"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["user"] = "ann" } });

        _provider.Attempts.Should().HaveCount(5, "a user's name changes no vector");
    }

    [Fact]
    public async Task Policies_hold_for_embeddings_too()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        EmbeddingGenerationOptions With(string policy) => new() { AdditionalProperties = new() { ["harbor.cache"] = policy } };

        HarborException missed = (await client.Awaiting(c => c.GenerateAsync(["one"], With("Only"))).Should().ThrowAsync<HarborException>()).Which;
        await client.GenerateAsync(["one"]);
        await client.GenerateAsync(["one"], With("Only"));
        _provider.Attempts.Should().HaveCount(1);
        await client.GenerateAsync(["one"], With("Bypass"));
        await client.GenerateAsync(["one"], With("Refresh"));

        missed.Kind.Should().Be(ErrorKind.NotCached);
        _provider.Attempts.Should().HaveCount(3);
    }

    [Fact]
    public async Task Fast_keeps_none()
    {
        await using FastClient client = TestClients.Fast(_provider, _time);

        await client.GenerateAsync(["one"]);
        await client.GenerateAsync(["one"]);

        _provider.Attempts.Should().HaveCount(2);
    }
}
