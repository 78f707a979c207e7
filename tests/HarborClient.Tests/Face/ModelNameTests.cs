using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class ModelNameTests
{
    private readonly ProviderEmulator _openAI = new();
    private readonly ProviderEmulator _lab = new();

    [Theory]
    [InlineData("openai/gpt-4o-mini", "gpt-4o-mini")]
    [InlineData("openai/my/own/model", "my/own/model")]
    [InlineData("openai/ft:gpt-4o-mini:org::id", "ft:gpt-4o-mini:org::id")]
    [InlineData("openai/openai/gpt-oss-20b", "openai/gpt-oss-20b")]
    public async Task A_name_of_provider_and_model_asks_that_provider_for_the_rest(string name, string model)
    {
        await using FastClient client = Create();

        ChatResponse answer = await Ask(client, name);

        _openAI.Attempts.Should().ContainSingle().Which.Model.Should().Be(model);
        answer.GetHarborInfo().Should().BeEquivalentTo(new { Provider = "openai", Model = model, RequestedModel = name });
    }

    [Fact]
    public async Task An_alias_asks_its_targets_in_order()
    {
        _openAI.Then(503);
        await using FastClient client = Create(h => h.MapModel("chat", "openai/gpt-4o-mini", "lab/small"));

        ChatResponse answer = await Ask(client, "chat");

        _openAI.Attempts.Should().ContainSingle();
        _lab.Attempts.Should().ContainSingle().Which.Model.Should().Be("small");
        answer.GetHarborInfo().Should().BeEquivalentTo(new { Provider = "lab", Model = "small", RequestedModel = "chat" });
    }

    [Fact]
    public async Task An_alias_may_look_like_any_other_name_and_goes_first()
    {
        await using FastClient client = Create(h => h.MapModel("openai/gpt-4o", "lab/small").MapModel("gpt-4.1", "lab/small"));

        await Ask(client, "openai/gpt-4o");
        await Ask(client, "gpt-4.1");

        _lab.Attempts.Should().HaveCount(2);
        _openAI.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Mapping_an_alias_again_replaces_it()
    {
        await using FastClient client = Create(h => h.MapModel("chat", "openai/gpt-4o-mini").MapModel("chat", "lab/small"));

        await Ask(client, "chat");

        _lab.Attempts.Should().ContainSingle();
    }

    [Theory]
    [InlineData("gpt-5-mini")]
    [InlineData("o3")]
    [InlineData("chatgpt-4o-latest")]
    public async Task A_bare_id_finds_the_provider_that_is_known_to_serve_it(string id)
    {
        await using FastClient client = Create();

        await Ask(client, id);

        _openAI.Attempts.Should().ContainSingle().Which.Model.Should().Be(id);
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("meta-llama/Llama-3.1-8B")]
    public async Task A_bare_id_that_the_options_list_finds_its_host_even_with_a_slash_in_it(string id)
    {
        await using FastClient client = Create(models: [id]);

        await Ask(client, id);

        _lab.Attempts.Should().ContainSingle().Which.Model.Should().Be(id);
    }

    [Fact]
    public async Task A_bare_id_that_two_providers_serve_is_unknown()
    {
        await using FastClient client = Create(models: ["gpt-oss"]);

        HarborException error = await client.FailureAsync(options: new ChatOptions { ModelId = "gpt-oss" });

        error.Kind.Should().Be(ErrorKind.NotFound);
        error.Message.Should().Contain("exactly one provider");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("nobody/model")]
    [InlineData("openai/")]
    [InlineData("/gpt-4o")]
    [InlineData("OpenAI/gpt-4o")]
    [InlineData("")]
    public async Task An_unknown_model_is_an_error_that_lists_what_exists(string name)
    {
        await using FastClient client = Create(h => h.MapModel("chat", "lab/small").MapModel("smart", "openai/gpt-5"));

        HarborException error = await client.FailureAsync(options: new ChatOptions { ModelId = name });

        error.Kind.Should().Be(ErrorKind.NotFound);
        error.Message.Should().Contain($"'{name}'").And.Contain("chat, smart").And.Contain("lab, openai").And.Contain("MapModel");
        error.Attempts.Should().BeEmpty();
        _openAI.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task No_model_and_no_default_is_a_configuration_error_that_names_the_setting()
    {
        await using FastClient client = Create();

        (await client.FailureAsync()).Should().BeEquivalentTo(new { Kind = ErrorKind.Configuration });
        (await client.FailureAsync()).Message.Should().Contain("UseDefaultModel");

        Func<Task> embed = () => client.GenerateAsync(["a"]);
        HarborException error = (await embed.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain("UseDefaultEmbeddingModel");
    }

    [Fact]
    public async Task Chat_and_embedding_calls_without_a_model_take_their_own_defaults()
    {
        await using FastClient client = Create(h => h.MapModel("chat", "openai/gpt-4o-mini").UseDefaultModel("chat").UseDefaultEmbeddingModel("lab/embedder"));

        await client.AskAsync();
        await client.GenerateAsync(["a"]);

        _openAI.Attempts.Should().ContainSingle().Which.Model.Should().Be("gpt-4o-mini");
        _lab.Attempts.Should().ContainSingle().Which.Model.Should().Be("embedder");
    }

    [Fact]
    public async Task Targets_that_are_not_allowed_are_not_asked()
    {
        await using FastClient client = Create(h => h.MapModel("chat", "openai/gpt-4o-mini", "lab/small"));

        await client.AskAsync(options: new HarborChatOptions { ModelId = "chat", AllowedTargets = ["lab"] });
        await client.AskAsync(options: new HarborChatOptions { ModelId = "chat", AllowedTargets = ["lab/small"] });
        HarborException error = await client.FailureAsync(options: new HarborChatOptions { ModelId = "chat", AllowedTargets = ["lab/large"] });

        _openAI.Attempts.Should().BeEmpty();
        _lab.Attempts.Should().HaveCount(2);
        error.Kind.Should().Be(ErrorKind.NoPermittedTarget);
        error.Message.Should().Contain("openai/gpt-4o-mini, lab/small").And.Contain("lab/large").And.Contain("AllowedTargets");
    }

    [Fact]
    public async Task Any_number_of_invented_names_is_answered()
    {
        await using FastClient client = Create();

        for (int i = 0; i < 1100; i++) (await Ask(client, $"openai/model-{i}")).GetHarborInfo().Model.Should().Be($"model-{i}");

        (await Ask(client, "openai/model-0")).ModelId.Should().Be("model-0");
    }

    private static Task<ChatResponse> Ask(FastClient client, string model) => client.AskAsync(options: new ChatOptions { ModelId = model });

    private FastClient Create(Action<HarborBuilder>? more = null, string[]? models = null) => FastClient.Create(h =>
    {
        h.AddOpenAI(_openAI).AddLocal("lab", Emulated.LocalEndpoint, o =>
        {
            o.SendOnceThrough(_lab.CreateHandler());
            foreach (string model in models ?? []) o.Models.Add(model);
        });
        more?.Invoke(h);
    });
}
