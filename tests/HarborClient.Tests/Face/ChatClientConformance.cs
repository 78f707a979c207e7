using System.Collections;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Face;

/// <summary>
/// The eleven rules that a good citizen of Microsoft.Extensions.AI keeps, as tests over any provider: a new provider gets a class that derives from this
/// one and says how it is added. The rules about updates are in the other part.
/// </summary>
public abstract partial class ChatClientConformance
{
    private static readonly JsonSerializerOptions Json = AIJsonUtilities.DefaultOptions;

    /// <summary>The provider's registered name.</summary>
    protected abstract string ProviderName { get; }

    /// <summary>What the provider is called in telemetry, and so in the client's metadata.</summary>
    protected virtual string TelemetryName => ProviderName;

    /// <summary>The model asked for at that provider.</summary>
    protected abstract string Model { get; }

    /// <summary>Adds the provider with a handler of the caller's.</summary>
    protected abstract void Add(HarborBuilder builder, HttpMessageHandler handler);

    /// <summary>The text that the request gives the model as its system prompt.</summary>
    protected abstract string SystemTextOf(JsonElement body);

    /// <summary>The temperature that the request asks for.</summary>
    protected virtual double TemperatureOf(JsonElement body) => body.GetProperty("temperature").GetDouble();

    /// <summary>What a RawRepresentationFactory returns to set the temperature.</summary>
    protected virtual object RawRequestWithTemperature(double temperature) => new JsonObject { ["temperature"] = temperature };

    protected FastClient Create(ProviderEmulator provider, Action<HarborBuilder>? more = null) => Create(provider.CreateHandler(), more);

    protected FastClient Create(HttpMessageHandler handler, Action<HarborBuilder>? more = null) => FastClient.Create(h =>
    {
        Add(h, handler);
        h.UseDefaultModel($"{ProviderName}/{Model}");
        more?.Invoke(h);
    });

    [Fact]
    public async Task Rule_1_many_calls_at_once_get_their_own_answers()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Create(provider);

        Task<string>[] plain = [.. Enumerable.Range(0, 40).Select(async i => (await client.AskAsync($"plain-{i}-end")).Text)];
        Task<string>[] streamed = [.. Enumerable.Range(0, 40).Select(async i => (await client.UpdatesAsync($"streamed-{i}-end")).ToChatResponse().Text)];
        string[] answers = await Task.WhenAll([.. plain, .. streamed]);

        for (int i = 0; i < 40; i++)
        {
            answers[i].Should().EndWith($"plain-{i}-end");
            answers[40 + i].Should().EndWith($"streamed-{i}-end");
        }

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Rule_1_null_messages_are_refused_at_the_call()
    {
        await using FastClient client = Create(new ProviderEmulator());

        Assert.Throws<ArgumentNullException>("messages", () => { _ = client.GetResponseAsync((IEnumerable<ChatMessage>)null!); });
        Assert.Throws<ArgumentNullException>("messages", () => { _ = client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!); });
        Assert.Throws<ArgumentNullException>("messages", () => { _ = client.StreamTextAsync((IEnumerable<ChatMessage>)null!); });
        Assert.Throws<ArgumentNullException>("prompt", () => { _ = client.StreamTextAsync((string)null!); });
        Assert.Throws<ArgumentNullException>("values", () => { _ = client.GenerateAsync(null!); });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_1_the_callers_options_and_messages_stay_as_they_were(bool isStreaming)
    {
        await using FastClient client = Create(new ProviderEmulator());
        List<ChatMessage> messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "hi")];
        var options = new ChatOptions { Instructions = "In English.", Temperature = 0.5f, MaxOutputTokens = 10, StopSequences = ["END"], Tools = [AIFunctionFactory.Create(() => 1, "one")], AdditionalProperties = new() { ["harbor.tenant"] = "acme" } };
        string messagesBefore = JsonSerializer.Serialize(messages, Json);
        string optionsBefore = JsonSerializer.Serialize(options, Json);

        if (isStreaming) await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync();
        else await client.GetResponseAsync(messages, options);

        JsonSerializer.Serialize(messages, Json).Should().Be(messagesBefore);
        JsonSerializer.Serialize(options, Json).Should().Be(optionsBefore);
        options.Tools.Should().ContainSingle();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_1_messages_are_enumerated_once_even_when_two_targets_are_asked(bool isStreaming)
    {
        var provider = new ProviderEmulator().Then(503).ThenAnswer("fine");
        await using FastClient client = Create(provider, h => h.MapModel("twice", $"{ProviderName}/{Model}", $"{ProviderName}/other").UseDefaultModel("twice"));
        var messages = new CountedMessages(new ChatMessage(ChatRole.User, "hi"));

        ChatResponse answer = isStreaming ? await client.GetStreamingResponseAsync(messages).ToChatResponseAsync() : await client.GetResponseAsync(messages);

        answer.Text.Should().Be("fine");
        messages.Enumerations.Should().Be(1);
    }

    [Fact]
    public async Task Rule_2_services_without_a_key_are_the_client_its_metadata_and_its_activity_source()
    {
        await using FastClient client = Create(new ProviderEmulator());

        client.AsChatClient().GetService<IChatClient>().Should().BeSameAs(client);
        client.GetService<FastClient>().Should().BeSameAs(client);
        client.GetService<IEmbeddingGenerator<string, Embedding<float>>>().Should().BeSameAs(client);
        client.GetRequiredService<ActivitySource>().Name.Should().Be("HarborClient");
        ChatClientMetadata metadata = client.GetRequiredService<ChatClientMetadata>();
        metadata.DefaultModelId.Should().Be($"{ProviderName}/{Model}");
        metadata.ProviderName.Should().Be(TelemetryName);
        metadata.ProviderUri.Should().NotBeNull();
        client.GetRequiredService<EmbeddingGeneratorMetadata>().ProviderName.Should().Be(TelemetryName);
    }

    [Fact]
    public async Task Rule_2_keyed_and_unknown_services_are_null_and_a_null_type_is_refused()
    {
        await using FastClient client = Create(new ProviderEmulator());

        client.GetService<IChatClient>("key").Should().BeNull();
        client.GetService<ChatClientMetadata>("key").Should().BeNull();
        client.GetService<Uri>().Should().BeNull();
        client.Invoking(c => c.GetService(null!)).Should().Throw<ArgumentNullException>();
        client.Invoking(c => c.GetRequiredService<Uri>()).Should().Throw<InvalidOperationException>().WithMessage("*Uri*");
    }

    [Fact]
    public async Task Rule_3_the_raw_factory_is_asked_once_a_request_however_many_targets_are_asked()
    {
        var provider = new ProviderEmulator().Then(503).ThenAnswer("fine").ThenAnswer("again");
        await using FastClient client = Create(provider, h => h.MapModel("twice", $"{ProviderName}/{Model}", $"{ProviderName}/other").UseDefaultModel("twice"));
        int asked = 0;
        var options = new ChatOptions
        {
            RawRepresentationFactory = asker =>
            {
                asker.Should().BeSameAs(client);
                asked++;
                return RawRequestWithTemperature(0.25);
            },
        };

        await client.AskAsync(options: options);
        asked.Should().Be(1);
        TemperatureOf(provider.Body(0)).Should().Be(0.25);
        TemperatureOf(provider.Body(1)).Should().Be(0.25);

        await client.UpdatesAsync(options: options);
        asked.Should().Be(2, "its result is not kept for the next request");
    }

    [Fact]
    public async Task Rule_3_options_fill_only_what_the_raw_request_leaves_unset()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Create(provider);

        await client.AskAsync(options: new ChatOptions { Temperature = 0.75f, RawRepresentationFactory = _ => RawRequestWithTemperature(0.25) });
        await client.AskAsync(options: new ChatOptions { Temperature = 0.75f });

        TemperatureOf(provider.Body(0)).Should().Be(0.25);
        TemperatureOf(provider.Body(1)).Should().Be(0.75);
    }

    [Fact]
    public async Task Rule_3_instructions_go_with_the_system_prompt()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Create(provider);

        await client.GetResponseAsync([new(ChatRole.System, "You are a pirate."), new(ChatRole.User, "hi")], new ChatOptions { Instructions = "Answer in one word." });

        SystemTextOf(provider.Body()).Should().Contain("Answer in one word.").And.Contain("You are a pirate.");
    }

    [Fact]
    public async Task Rule_3_the_model_of_the_options_outweighs_the_default_one()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Create(provider);

        ChatResponse answer = await client.AskAsync(options: new ChatOptions { ModelId = $"{ProviderName}/other-model" });

        answer.ModelId.Should().Be("other-model");
        answer.GetHarborInfo().Model.Should().Be("other-model");
    }

    [Fact]
    public async Task Rule_10_dispose_never_disposes_a_callers_handler()
    {
        using var handler = new WatchedHandler(new ProviderEmulator().CreateHandler());
        FastClient client = Create(handler);
        await client.AskAsync();

        client.Dispose();
        await client.DisposeAsync();

        handler.IsDisposed.Should().BeFalse();
    }

    [Fact]
    public async Task Rule_11_a_container_holds_it_as_a_singleton()
    {
        var services = new ServiceCollection();
        services.AddHarborAI(h => Add(h, new ProviderEmulator().CreateHandler()));
        await using ServiceProvider container = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        using IServiceScope scope = container.CreateScope();

        services.Where(service => service.ServiceType == typeof(FastClient) || service.ServiceType == typeof(IChatClient) || service.ServiceType == typeof(IEmbeddingGenerator<string, Embedding<float>>))
            .Should().HaveCount(3).And.OnlyContain(service => service.Lifetime == ServiceLifetime.Singleton);
        scope.ServiceProvider.GetRequiredService<IChatClient>().Should().BeSameAs(container.GetRequiredService<IChatClient>());
    }

    private sealed class CountedMessages(params ChatMessage[] messages) : IEnumerable<ChatMessage>
    {
        public int Enumerations { get; private set; }

        public IEnumerator<ChatMessage> GetEnumerator()
        {
            Enumerations++;
            return messages.AsEnumerable().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class WatchedHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
