using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

// embedding-3 and its limits.
public sealed class ZhipuEmbeddingTests
{
    [Fact]
    public async Task Texts_become_vectors_with_usage()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        GeneratedEmbeddings<Embedding<float>> embeddings = await client.GenerateAsync(["one", "two"], new EmbeddingGenerationOptions { Dimensions = 256, AdditionalProperties = new() { ["user_id"] = "user-0001" } });

        JsonNode.Parse(provider.Body().GetRawText()).ShouldBe("""{"model":"embedding-3","input":["one","two"],"dimensions":256,"user_id":"user-0001"}""");
        provider.Attempts[0].Path.Should().Be("/api/paas/v4/embeddings");
        embeddings.Should().HaveCount(2).And.OnlyContain(embedding => embedding.Vector.Length == 256);
        embeddings.Usage!.InputTokenCount.Should().BePositive();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(65, null, "64")]
    [InlineData(1, 300, "256, 512, 1024, 2048")]
    public async Task What_the_model_does_not_have_is_refused_before_anything_is_sent(int texts, int? dimensions, string named)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        Func<Task> call = () => client.GenerateAsync(Enumerable.Repeat("x", texts), new EmbeddingGenerationOptions { Dimensions = dimensions });

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain(named);
        provider.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData(429, "1302", ErrorKind.RateLimited)]
    [InlineData(429, "1113", ErrorKind.QuotaExhausted)]
    [InlineData(200, "1305", ErrorKind.Overloaded)]
    public async Task An_error_is_read_by_its_code(int status, string code, ErrorKind kind)
    {
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator().ThenReply(EmulatedReply.Raw($$$"""{"error":{"code":"{{{code}}}","message":"no"}}""", "application/json", status)));

        Func<Task> call = () => client.GenerateAsync(["x"]);

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(kind);
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
