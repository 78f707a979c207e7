using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class EmbeddingTests
{
    private readonly ProviderEmulator _provider = new();

    [Fact]
    public async Task Vectors_as_base64_and_as_numbers_are_the_same()
    {
        await using FastClient openAI = Emulated.OpenAI(_provider);
        await using FastClient local = Emulated.Local(_provider);

        GeneratedEmbeddings<Embedding<float>> base64 = await openAI.GenerateAsync(["a", "b"]);
        GeneratedEmbeddings<Embedding<float>> numbers = await local.GenerateAsync(["a", "b"]);

        base64.Should().HaveCount(2);
        base64[0].Vector.Length.Should().Be(8);
        for (int i = 0; i < 2; i++) numbers[i].Vector.ToArray().Should().Equal(base64[i].Vector.ToArray());
        base64[0].Vector.ToArray().Should().NotEqual(base64[1].Vector.ToArray());
    }

    [Fact]
    public async Task The_request_says_model_input_and_dimensions()
    {
        await using FastClient openAI = Emulated.OpenAI(_provider);
        await using FastClient local = Emulated.Local(_provider);
        var options = new EmbeddingGenerationOptions { Dimensions = 4, AdditionalProperties = new() { ["user"] = "u", ["harbor.tenant"] = "acme" } };

        GeneratedEmbeddings<Embedding<float>> result = await openAI.GenerateAsync(["a", "b"], options);
        await local.GenerateAsync(["a"], new EmbeddingGenerationOptions { RawRepresentationFactory = _ => new JsonObject { ["dimensions"] = 2 }, Dimensions = 5 });

        _provider.Attempts[0].Path.Should().Be("/v1/embeddings");
        _provider.Body(0).ShouldBeJson("""{"model":"text-embedding-3-small","input":["a","b"],"dimensions":4,"encoding_format":"base64","user":"u"}""");
        _provider.Body(1).ShouldBeJson("""{"model":"embedder","input":["a"],"dimensions":2}""");
        result[0].Vector.Length.Should().Be(4);
    }

    [Fact]
    public async Task A_callers_encoding_format_is_kept()
    {
        await using FastClient client = Emulated.OpenAI(_provider);

        GeneratedEmbeddings<Embedding<float>> result = await client.GenerateAsync(["a"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["encoding_format"] = "float" } });

        _provider.Body().GetProperty("encoding_format").GetString().Should().Be("float");
        result[0].Vector.Length.Should().Be(8);
    }

    [Fact]
    public async Task Vectors_out_of_order_are_put_in_order()
    {
        _provider.ThenRaw("""{"object":"list","model":"m","data":[{"index":2,"embedding":[3]},{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}],"usage":{"prompt_tokens":3,"total_tokens":3}}""", "application/json");
        await using FastClient client = Emulated.OpenAI(_provider);

        GeneratedEmbeddings<Embedding<float>> result = await client.GenerateAsync(["a", "b", "c"]);

        result.Select(embedding => embedding.Vector.Span[0]).Should().Equal(1f, 2f, 3f);
    }

    [Theory]
    [InlineData("""{"object":"list","model":"m","data":[{"index":0,"embedding":[1]}]}""", "input 1 of 2")]
    [InlineData("""{"object":"list","model":"m","data":[]}""", "input 0 of 2")]
    [InlineData("""{"object":"list","model":"m"}""", "input 0 of 2")]
    [InlineData("""{"object":"list","model":"m","data":[{"index":0,"embedding":["x"]},{"index":1,"embedding":[1]}]}""", "not a number")]
    [InlineData("""{"object":"list","model":"m","data":[{"index":0,"embedding":"AAA"},{"index":1,"embedding":[1]}]}""", "base64")]
    [InlineData("""{"object":"list","model":"m","data":[1,2]}""", "not an object")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[2]},{"embedding":[3]}]}""", "input 2 of 2")]
    [InlineData("""{"data":[{"index":1,"embedding":[1]},{"index":2,"embedding":[2]},{"index":0,"embedding":[3]}]}""", "input 2 of 2")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]},{"index":1,"embedding":[3]}]}""", "two vectors for input 0")]
    [InlineData("""{"data":[{"embedding":[1,2]},{"embedding":[1]}]}""", "not all of one length")]
    public async Task A_vector_that_is_missing_or_broken_is_an_error(string body, string says)
    {
        _provider.ThenRaw(body, "application/json");
        await using FastClient client = Emulated.OpenAI(_provider);

        Func<Task> call = () => client.GenerateAsync(["a", "b"]);

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain(says);
        error.Attempts.Should().ContainSingle().Which.Error.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task No_input_makes_no_call()
    {
        await using FastClient client = Emulated.OpenAI(_provider);

        (await client.GenerateAsync([])).Should().BeEmpty();

        _provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_null_among_the_inputs_is_refused()
    {
        await using FastClient client = Emulated.OpenAI(_provider);

        Func<Task> call = () => client.GenerateAsync(["a", null!]);

        await call.Should().ThrowAsync<ArgumentException>();
        _provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Usage_model_and_information_come_with_the_vectors()
    {
        _provider.ThenReply(new EmulatedReply().Usage(7, 0).Model("answering-model"));
        await using FastClient client = Emulated.OpenAI(_provider, h => h.UseMode(PerformanceMode.Full));

        GeneratedEmbeddings<Embedding<float>> result = await client.GenerateAsync(["a"]);

        result.Usage!.InputTokenCount.Should().Be(7);
        result.Usage.TotalTokenCount.Should().Be(7);
        result[0].ModelId.Should().Be("answering-model");
        result.AdditionalProperties.Should().Contain("harbor.provider", "openai").And.Contain("harbor.model", "text-embedding-3-small").And.Contain("harbor.mode", "Full").And.Contain("harbor.request_id", "req_emulated_1");
        JsonSerializer.Serialize(result.AdditionalProperties, AIJsonUtilities.DefaultOptions).Should().Contain("harbor.attempts");
    }

    [Fact]
    public async Task The_next_target_is_asked_when_the_first_is_overloaded()
    {
        var local = new ProviderEmulator();
        _provider.Then(503);
        await using FastClient client = Emulated.Both(_provider, local, h => h.MapModel("vectors", "openai/embedder", "lab/embedder").UseDefaultEmbeddingModel("vectors"));

        GeneratedEmbeddings<Embedding<float>> result = await client.GenerateAsync(["a"]);

        result.AdditionalProperties!["harbor.provider"].Should().Be("lab");
        local.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Errors_and_cancellation_are_those_of_every_call()
    {
        _provider.Then(401).ThenReply(new EmulatedReply().NeverAnswer());
        await using FastClient client = Emulated.OpenAI(_provider);
        using var source = new CancellationTokenSource();

        Func<Task> refused = () => client.GenerateAsync(["a"]);
        (await refused.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Authentication);

        Task pending = client.GenerateAsync(["a"], cancellationToken: source.Token);
        await _provider.AttemptReceived(2);
        await source.CancelAsync();
        (await pending.Awaiting(call => call).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
