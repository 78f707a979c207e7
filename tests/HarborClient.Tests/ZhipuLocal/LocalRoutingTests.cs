using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// Several services on several hosts under one name.
public sealed class LocalRoutingTests
{
    [Theory]
    [InlineData("zhipu-local/chatglm3-6b", "gpu0.test:8000/v1/chat/completions", "chatglm3-6b")]
    [InlineData("zhipu-local/codegeex4-all-9b", "gpu2.test:8080/v1/chat/completions", "codegeex4-all-9b")]
    [InlineData("codegeex4-all-9b", "gpu2.test:8080/v1/chat/completions", "codegeex4-all-9b")]
    [InlineData("zhipu-local/THUDM/cogagent-9b", "gpu3.test:7870/v1/chat/completions", "THUDM/cogagent-9b")]
    [InlineData("zhipu-local/cogagent", "gpu3.test:7870/v1/chat/completions", "cogagent")]
    [InlineData("zhipu-local/unlisted", "gpu0.test:8000/v1/chat/completions", "unlisted")]
    public async Task A_model_is_asked_where_it_is_listed(string name, string address, string model)
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host, Several);

        ChatResponse answer = await client.AskAsync(options: new ChatOptions { ModelId = name });

        $"{host.Attempts[0].Headers["host"]}{host.Attempts[0].Path}".Should().Be(address);
        host.Body().GetProperty("model").GetString().Should().Be(model);
        answer.GetHarborInfo().Provider.Should().Be("zhipu-local");
    }

    [Fact]
    public async Task Embeddings_go_where_their_model_is_listed()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host, Several, more: h => h.UseDefaultEmbeddingModel("zhipu-local/bge-m3"));

        await client.GenerateAsync(["a"]);

        $"{host.Attempts[0].Headers["host"]}{host.Attempts[0].Path}".Should().Be("gpu3.test:7870/v1/embeddings");
    }

    [Fact]
    public async Task A_profile_may_stand_with_the_service_and_one_by_model_goes_before_it()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host, o =>
        {
            o.Services["coder"] = new ZhipuLocalServiceOptions { Profile = ZhipuLocalProfile.CodeGeeX, Models = { "a", "b" } };
            o.Profiles["b"] = ZhipuLocalProfile.OpenAI;
        });

        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/a" });
        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/b" });

        host.Body(0).TryGetProperty("stop_token_ids", out _).Should().BeTrue();
        host.Body(1).TryGetProperty("stop_token_ids", out _).Should().BeFalse();
    }

    [Fact]
    public async Task An_error_names_the_host_that_was_asked()
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(new EmulatedReply().ConnectionRefused()), Several);

        (await client.FailureAsync(options: new ChatOptions { ModelId = "zhipu-local/codegeex4-all-9b" })).Message.Should().Contain("gpu2.test:8080");
    }

    [Fact]
    public async Task Over_sockets_each_host_has_its_own_connections()
    {
        var chat = new ProviderEmulator().Otherwise(EmulatedReply.Answer("chat"));
        var coder = new ProviderEmulator().Otherwise(EmulatedReply.Answer("code"));
        await using EmulatorServer first = await chat.StartAsync();
        await using EmulatorServer second = await coder.StartAsync();
        await using var client = FastClient.Create(h => h.AddZhipuLocal(first.Endpoint, o => o.Services["coder"] = new ZhipuLocalServiceOptions { Endpoint = second.Endpoint }));

        (await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/chatglm3-6b" })).Text.Should().Be("chat");
        (await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/coder" })).Text.Should().Be("code");

        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static void Several(ZhipuLocalOptions options)
    {
        options.Services["codegeex4"] = new ZhipuLocalServiceOptions { Endpoint = new Uri("http://gpu2.test:8080/v1/"), Models = { "codegeex4-all-9b" } };
        options.Services["cogagent"] = new ZhipuLocalServiceOptions { Endpoint = new Uri("http://gpu3.test:7870/v1"), Models = { "THUDM/cogagent-9b", "bge-m3" } };
    }
}
