using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.OpenAI;

// What Azure OpenAI has of its own: addresses, keys, request ids, content filters.
public sealed class AzureTests
{
    private static readonly Uri Resource = new("https://name.openai.azure.com/");

    [Theory]
    [InlineData("https://name.openai.azure.com/", null, OpenAIApi.ChatCompletions, "/openai/v1/chat/completions")]
    [InlineData("https://name.openai.azure.com", null, OpenAIApi.Responses, "/openai/v1/responses")]
    [InlineData("https://name.services.ai.azure.com/openai/v1", null, OpenAIApi.ChatCompletions, "/openai/v1/chat/completions")]
    [InlineData("https://name.openai.azure.com/", "2024-10-21", OpenAIApi.ChatCompletions, "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21")]
    [InlineData("https://name.openai.azure.com/", "2025-04-01-preview", OpenAIApi.Responses, "/openai/responses?api-version=2025-04-01-preview")]
    public async Task A_resource_is_asked_at(string resource, string? version, OpenAIApi api, string path)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Azure(provider, o =>
        {
            o.Endpoint = new Uri(resource);
            o.ApiVersion = version;
            o.Api = api;
        });

        await client.AskAsync();

        provider.Attempts[0].Path.Should().Be(path);
        provider.Body().GetProperty("model").GetString().Should().Be("my gpt");
        provider.Attempts[0].Headers.Should().Contain("api-key", Emulated.Key).And.NotContainKey("authorization");
    }

    [Theory]
    [InlineData(null, "/openai/v1/embeddings")]
    [InlineData("2024-10-21", "/openai/deployments/embedder/embeddings?api-version=2024-10-21")]
    public async Task Embeddings_have_their_address_too(string? version, string path)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Azure(provider, o => o.ApiVersion = version);

        await client.GenerateAsync(["x"], new EmbeddingGenerationOptions { ModelId = "azure/embedder" });

        provider.Attempts[0].Path.Should().Be(path);
    }

    [Fact]
    public async Task A_token_of_Entra_ID_is_sent_as_bearer_instead_of_the_key()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Azure(provider, o => o.UseBearerCredential(_ => new ValueTask<string>("entra-token-7Qm2xWv9")));

        await client.AskAsync();

        provider.Attempts[0].Headers.Should().Contain("authorization", "Bearer entra-token-7Qm2xWv9").And.NotContainKey("api-key");
    }

    [Fact]
    public async Task A_resource_that_is_asked_by_Entra_ID_needs_no_key()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h
            .AddAzureOpenAI(new Uri("https://name.openai.azure.com/"), o =>
            {
                o.SendOnceThrough(provider.CreateHandler());
                o.UseBearerCredential(_ => new ValueTask<string>("entra-token-7Qm2xWv9"));
            })
            .UseDefaultModel("azure/deployment"));

        await client.AskAsync();

        provider.Attempts[0].Headers.Should().Contain("authorization", "Bearer entra-token-7Qm2xWv9").And.NotContainKey("api-key");
    }

    [Fact]
    public void Without_key_and_credential_it_is_refused_when_the_client_is_built()
    {
        Action build = () => FastClient.Create(h => h.AddAzureOpenAI(new Uri("https://name.openai.azure.com/"), _ => { }));

        build.Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Theory]
    [InlineData("https://name.openai.azure.com/?api-version=1", null)]
    [InlineData("https://name.openai.azure.com/", "2024 10")]
    [InlineData("https://name.openai.azure.com/", "")]
    public void Settings_that_cannot_be_are_refused_when_the_client_is_built(string resource, string? version)
    {
        Action build = () => Azure(new ProviderEmulator(), o =>
        {
            o.Endpoint = new Uri(resource);
            o.ApiVersion = version;
        });

        build.Should().Throw<HarborException>().Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Fact]
    public async Task The_request_id_is_the_gateways()
    {
        EmulatedReply reply = EmulatedReply.Answer("x").Header("apim-request-id", "apim-1").Header("x-request-id", "x-1");
        await using FastClient client = Azure(new ProviderEmulator().ThenReply(reply));

        (await client.AskAsync()).GetHarborInfo().RequestId.Should().Be("apim-1");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(200)]
    public async Task A_blocked_prompt_is_a_filtered_request_whatever_its_status(int status)
    {
        const string Body = """
            {"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400,
            "innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"}}}}}
            """;
        await using FastClient client = Azure(new ProviderEmulator().Otherwise(EmulatedReply.Raw(Body, "application/json", status)));

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(ErrorKind.ContentFiltered);
        error.IsTransient.Should().BeFalse();
    }

    [Fact]
    public async Task Filter_chunks_around_an_answer_are_no_part_of_it()
    {
        const string Stream = "data: {\"id\":\"\",\"model\":\"\",\"object\":\"\",\"created\":0,\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":{}}]}\n\n"
            + "data: {\"id\":\"chatcmpl-1\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"content_filter_results\":{\"hate\":{\"filtered\":false}}}]}\n\n"
            + "data: {\"id\":\"\",\"model\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_offsets\":{\"check_offset\":0},\"content_filter_results\":{}}]}\n\n"
            + "data: {\"id\":\"chatcmpl-1\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n";
        await using FastClient client = Azure(new ProviderEmulator().ThenRaw(Stream, "text/event-stream"));

        ChatResponse answer = (await client.UpdatesAsync()).ToHarborResponse();

        answer.Text.Should().Be("Hi");
        answer.ResponseId.Should().Be("chatcmpl-1");
        answer.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData(404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}""", ErrorKind.NotFound)]
    [InlineData(401, """{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}""", ErrorKind.Authentication)]
    [InlineData(429, """{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}""", ErrorKind.RateLimited)]
    public async Task Its_errors_are_these(int status, string body, ErrorKind kind)
    {
        await using FastClient client = Azure(new ProviderEmulator().Otherwise(EmulatedReply.Raw(body, "application/json", status).Header("retry-after-ms", "1500").Header("retry-after", "2")));

        HarborException error = await client.FailureAsync();

        error.Kind.Should().Be(kind);
        error.RetryAfter.Should().Be(TimeSpan.FromSeconds(1.5));
    }

    [RecordedTrafficFact]
    public async Task What_Azure_was_recorded_to_say_comes_out_as_expected()
    {
        int read = 0;
        foreach (RecordedExchange exchange in RecordedTraffic.Of("openai-chat").Concat(RecordedTraffic.Of("openai-responses")).Where(exchange => exchange.Name.Contains("azure", StringComparison.OrdinalIgnoreCase)))
        {
            JsonElement expected = exchange.ReadExpected()!.Value;
            if (expected.GetProperty("kind").GetString() != "chat") continue;
            OpenAIApi api = exchange.Protocol == "responses" ? OpenAIApi.Responses : OpenAIApi.ChatCompletions;
            await using FastClient client = Azure(new ProviderEmulator().Otherwise(EmulatedReply.Replay(exchange)), o => o.Api = api);

            (await client.AskAsync()).Text.Should().Be(expected.GetProperty("text").GetString() ?? "", exchange.Name);
            (await client.UpdatesAsync()).ToHarborResponse().Text.Should().Be(expected.GetProperty("text").GetString() ?? "", exchange.Name);
            read++;
        }

        read.Should().BePositive();
        TestReport.Add($"azure: {read} recorded exchanges read through AddAzureOpenAI");
    }

    private static FastClient Azure(ProviderEmulator provider, Action<AzureOpenAIOptions>? more = null) => FastClient.Create(h => h
        .AddAzureOpenAI(Resource, Emulated.Key, o =>
        {
            o.SendOnceThrough(provider.CreateHandler());
            more?.Invoke(o);
        })
        .UseDefaultModel("azure/my gpt"));
}
