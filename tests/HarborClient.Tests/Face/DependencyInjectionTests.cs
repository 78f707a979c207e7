using HarborClient.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HarborClient.Tests.Face;

public sealed class DependencyInjectionTests
{
    private readonly ProviderEmulator _provider = new();

    [Fact]
    public async Task One_client_is_all_three_services()
    {
        await using ServiceProvider container = Container(services => services.AddHarborAI(Configure));

        FastClient client = container.GetRequiredService<FastClient>();

        container.GetRequiredService<IChatClient>().Should().BeSameAs(client);
        container.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().Should().BeSameAs(client);
        (await client.AskAsync("hello")).Text.Should().EndWith("hello");
    }

    [Fact]
    public async Task A_client_can_be_configured_from_other_services()
    {
        await using ServiceProvider container = Container(services => services.AddSingleton(_provider).AddHarborAI((services, h) => h.AddOpenAI(services.GetRequiredService<ProviderEmulator>()).UseDefaultModel(Emulated.OpenAIModel)));

        await container.GetRequiredService<FastClient>().AskAsync();

        _provider.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Keyed_clients_stand_beside_the_unkeyed_one_in_all_three_forms()
    {
        IConfiguration section = Section(("DefaultModel", "openai/gpt-4o-mini"), ("OpenAI:Keys:0", "sk-c-7Qm2xWv9"));
        await using ServiceProvider container = Container(services => services
            .AddHarborAI(Configure)
            .AddKeyedHarborAI("code", Configure)
            .AddKeyedHarborAI("services", (_, h) => Configure(h))
            .AddKeyedHarborAI("section", section));

        FastClient[] clients = [container.GetRequiredService<FastClient>(), .. new[] { "code", "services", "section" }.Select(key => container.GetRequiredKeyedService<FastClient>(key))];

        clients.Distinct().Should().HaveCount(4);
        container.GetRequiredKeyedService<IChatClient>("code").Should().BeSameAs(clients[1]);
        container.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("section").Should().BeSameAs(clients[3]);
        container.GetKeyedService<FastClient>("nobody").Should().BeNull();
    }

    [Fact]
    public async Task A_key_may_be_any_object()
    {
        await using ServiceProvider container = Container(services => services.AddKeyedHarborAI(PerformanceMode.Full, Configure).AddKeyedHarborAI(42, Configure));

        container.GetRequiredKeyedService<FastClient>(PerformanceMode.Full).Should().NotBeSameAs(container.GetRequiredKeyedService<FastClient>(42));
        container.GetService<FastClient>().Should().BeNull();
    }

    [Fact]
    public async Task Configuration_sets_everything_that_its_shape_has()
    {
        IConfiguration section = Section(
            ("Mode", "Full"), ("DefaultModel", "chat"), ("DefaultEmbeddingModel", "lab/embedder"),
            ("Clocks:TotalTimeout", "00:02:00"), ("Clocks:IdleTimeout", "00:00:20"),
            ("Telemetry:CaptureMessageContent", "true"),
            ("OpenAI:Keys:0", "sk-one-7Qm2xWv9"), ("OpenAI:Keys:1", "sk-two-7Qm2xWv9"), ("OpenAI:Endpoint", "https://gateway.example.test/v1/"), ("OpenAI:DefaultHeaders:X-Team", "search"),
            ("OpenAI:Transport:MaxConnectionsPerServer", "7"), ("OpenAI:Models:0", "house-model"),
            ("Local:lab:Endpoint", "http://gpu1.example.test:8000/v1/"), ("Local:lab:Keys:0", "local-key-7Qm2xWv9"),
            ("Models:chat:0", "openai/gpt-4o-mini"), ("Models:chat:1", "lab/small"));
        CallSettings? seen = null;
        await using ServiceProvider container = Container(services => services.AddHarborAI(section, h => h.AddStage(StageScope.Call, next => new CallProbe(next, call =>
        {
            seen = call.Settings;
            throw new HarborException(ErrorKind.Budget, "far enough");
        }))));

        FastClient client = container.GetRequiredService<FastClient>();
        (await client.FailureAsync()).Message.Should().Be("far enough");

        seen.Should().BeEquivalentTo(new { Mode = PerformanceMode.Full, TotalTimeout = TimeSpan.FromMinutes(2) });
        client.GetRequiredService<ChatClientMetadata>().DefaultModelId.Should().Be("chat");
        client.GetRequiredService<EmbeddingGeneratorMetadata>().DefaultModelId.Should().Be("lab/embedder");
    }

    [Fact]
    public async Task The_memory_limit_of_a_section_is_in_force()
    {
        using var logs = new RecordedLogs();
        long[] held = GC.AllocateUninitializedArray<long>(4 << 20);
        GC.Collect();
        IConfiguration section = Section(("MemoryLimitBytes", "16777216"), ("DefaultModel", Emulated.OpenAIModel));
        await using ServiceProvider container = Container(services => services.AddHarborAI(section, h => h.AddOpenAI(_provider).UseLoggerFactory(logs)));

        await container.GetRequiredService<FastClient>().AskAsync();

        logs.Of(55).Should().ContainSingle("32 MB are held and 16 MiB allowed");
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task Keys_and_headers_of_a_section_are_sent()
    {
        await using EmulatorServer server = await _provider.StartAsync();
        IConfiguration section = Section(("DefaultModel", "openai/gpt-4o-mini"), ("OpenAI:Keys:0", "sk-one-7Qm2xWv9"), ("OpenAI:Keys:1", "sk-two-7Qm2xWv9"), ("OpenAI:Endpoint", server.Endpoint.AbsoluteUri), ("OpenAI:DefaultHeaders:X-Team", "search"));
        await using ServiceProvider container = Container(services => services.AddHarborAI(section));
        FastClient client = container.GetRequiredService<FastClient>();

        await client.AskAsync();
        await client.AskAsync();

        _provider.Attempts.Select(attempt => attempt.Headers["authorization"]).Should().BeEquivalentTo("Bearer sk-one-7Qm2xWv9", "Bearer sk-two-7Qm2xWv9");
        _provider.Attempts.Should().OnlyContain(attempt => attempt.Headers["x-team"] == "search");
    }

    [Theory]
    [InlineData("DefaultModle", "chat", "DefaultModle")]
    [InlineData("OpenAI:Key", "sk-secret", "Key")]
    [InlineData("OpenAI:Transport:MaxConections", "7", "MaxConections")]
    [InlineData("Local:lab:Endpont", "http://gpu1/v1/", "Endpont")]
    [InlineData("Clocks:Total", "00:01:00", "Total")]
    [InlineData("Clod:Keys:0", "sk-secret", "Clod")]
    [InlineData("Clocks:TotalTimeout", "soon", "TotalTimeout")]
    [InlineData("Mode", "Quick", "Mode")]
    [InlineData("Mode", "7", "Mode")]
    [InlineData("OpenAI:Endpoint", "api.openai.com", "OpenAI.Endpoint")]
    [InlineData("OpenAI:Transport:MaxConnectionsPerServer", "0", "OpenAI.Transport.MaxConnectionsPerServer")]
    public async Task A_key_that_is_unknown_or_a_value_that_is_wrong_is_an_error_that_names_it(string key, string value, string named)
    {
        await using ServiceProvider container = Container(services => services.AddHarborAI(Section(("OpenAI:Keys:0", "sk-one-7Qm2xWv9"), (key, value))));

        HarborException error = container.Invoking(c => c.GetRequiredService<FastClient>()).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain(named);
        error.ToString().Should().NotContain("sk-secret").And.NotContain("sk-one-7Qm2xWv9");
    }

    [Fact]
    public async Task Several_calls_for_one_client_add_up_in_order()
    {
        await using ServiceProvider container = Container(services => services
            .AddHarborAI(h => h.AddOpenAI(_provider).UseDefaultModel("openai/first"))
            .AddHarborAI(Section(("Mode", "Fast"), ("DefaultModel", "openai/second")))
            .AddHarborAI((_, h) => h.AddLocal(_provider)));

        ChatResponse answer = await container.GetRequiredService<FastClient>().AskAsync();

        answer.GetHarborInfo().Should().BeEquivalentTo(new { Model = "second", Mode = PerformanceMode.Fast });
        container.GetServices<FastClient>().Should().ContainSingle();
        container.GetServices<IChatClient>().Should().ContainSingle();
    }

    [Fact]
    public async Task Logging_and_time_come_from_the_container()
    {
        var time = new ManualTimeProvider();
        var loggers = new ListLoggerFactory();
        _provider.ThenReply(new EmulatedReply().NeverAnswer());
        await using ServiceProvider container = Container(services => services.AddSingleton<TimeProvider>(time).AddSingleton<ILoggerFactory>(loggers).AddHarborAI(Configure));
        FastClient client = container.GetRequiredService<FastClient>();

        Task<ChatResponse> call = client.AskAsync();
        await time.TimerSet(TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromMinutes(10));

        (await call.Awaiting(pending => pending).Should().ThrowAsync<HarborTimeoutException>()).Which.Clock.Should().Be(HarborClock.Total);
        loggers.Lines.Should().Contain(line => line.Contains("HarborClient is ready"));
    }

    [Fact]
    public async Task What_the_code_sets_outweighs_the_containers_logging()
    {
        var own = new ListLoggerFactory();
        var others = new ListLoggerFactory();
        await using ServiceProvider container = Container(services => services.AddSingleton<ILoggerFactory>(others).AddHarborAI(h => Configure(h.UseLoggerFactory(own))));

        container.GetRequiredService<FastClient>();

        own.Lines.Should().NotBeEmpty();
        others.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key")]
    public async Task Settings_are_validated_when_the_host_starts(string? key)
    {
        Action<HarborBuilder> wrong = h => h.AddOpenAI(_provider).UseDefaultModel("nobody/model");
        await using ServiceProvider container = Container(services => _ = key is null ? services.AddHarborAI(wrong) : services.AddKeyedHarborAI(key, wrong));

        IStartupValidator validator = container.GetRequiredService<IStartupValidator>();

        validator.Invoking(v => v.Validate()).Should().Throw<HarborException>().WithMessage("*nobody/model*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Fact]
    public async Task A_host_with_a_wrong_setting_does_not_start()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHarborAI(h => h.UseMode(PerformanceMode.Fast));
        using IHost host = builder.Build();

        Func<Task> start = () => host.StartAsync();

        await start.Should().ThrowAsync<HarborException>().WithMessage("*no provider*");
    }

    [Fact]
    public async Task Disposing_the_container_disposes_the_client_once_and_for_all_its_services()
    {
        ServiceProvider container = Container(services => services.AddHarborAI(Configure).AddKeyedHarborAI("key", Configure));
        FastClient client = container.GetRequiredService<FastClient>();
        container.GetRequiredService<IChatClient>();
        container.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        container.GetRequiredKeyedService<IChatClient>("key");

        await container.DisposeAsync();
        client.Dispose();

        Func<Task> call = () => client.AskAsync();
        await call.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public void Null_arguments_are_refused_at_the_call()
    {
        var services = new ServiceCollection();

        services.Invoking(s => s.AddHarborAI((Action<HarborBuilder>)null!)).Should().Throw<ArgumentNullException>();
        services.Invoking(s => s.AddHarborAI((Action<IServiceProvider, HarborBuilder>)null!)).Should().Throw<ArgumentNullException>();
        services.Invoking(s => s.AddHarborAI((IConfiguration)null!)).Should().Throw<ArgumentNullException>();
        services.Invoking(s => s.AddKeyedHarborAI(null!, Configure)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => ((IServiceCollection)null!).AddHarborAI(Configure)).Should().Throw<ArgumentNullException>();
    }

    private static ServiceProvider Container(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        return services.BuildServiceProvider();
    }

    private static IConfiguration Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create<string, string?>("Harbor:" + pair.Key, pair.Value))).Build().GetSection("Harbor");

    private void Configure(HarborBuilder builder) => builder.AddOpenAI(_provider).UseDefaultModel(Emulated.OpenAIModel);
}
