using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HarborClient.Tests.Face;

// Whatever is wrong with the set-up is said when the client is built, with the setting's name and never with a key.
public sealed class ConfigurationErrorTests
{
    private const string Key = Emulated.Key;

    public static TheoryData<string, Action<HarborBuilder>, string> WrongSetUps => new()
    {
        { "no provider", _ => { }, "AddOpenAI" },
        { "alias to an unknown provider", h => h.AddOpenAI(Key).MapModel("chat", "nobody/model"), "MapModel(\"chat\")" },
        { "alias without targets", h => h.AddOpenAI(Key).MapModel("chat"), "MapModel(\"chat\")" },
        { "alias with a provider's name", h => h.AddOpenAI(Key).MapModel("openai", "openai/gpt-4o-mini"), "MapModel(\"openai\")" },
        { "alias to an alias", h => h.AddOpenAI(Key).MapModel("a", "openai/gpt-4o-mini").MapModel("b", "a"), "MapModel(\"b\")" },
        { "alias defaults out of bounds", h => h.AddOpenAI(Key).MapModel("chat", map => map.Target("openai/gpt-4o-mini").WithDefaults(o => o.TotalTimeout = TimeSpan.Zero)), "TotalTimeout" },
        { "policy of all calls that asks only the cache", h => h.AddOpenAI(Key).UseCache(c => c.Policy = CachePolicy.Only), "Cache.Policy" },
        { "jitter of the cache", h => h.AddOpenAI(Key).UseCache(c => c.TtlJitter = 0.6), "Cache.TtlJitter" },
        { "refresh of the cache", h => h.AddOpenAI(Key).UseCache(c => c.RefreshAfter = 0.4), "Cache.RefreshAfter" },
        { "stale answers of the cache", h => h.AddOpenAI(Key).UseCache(c => c.StaleFor = TimeSpan.FromDays(31)), "Cache.StaleFor" },
        { "remembered refusals", h => h.AddOpenAI(Key).UseCache(c => c.NegativeTtl = TimeSpan.FromMinutes(6)), "Cache.NegativeTtl" },
        { "pace of replays", h => h.AddOpenAI(Key).UseCache(c => c.ReplayCharactersPerSecond = -1), "Cache.ReplayCharactersPerSecond" },
        { "class that is never kept", h => h.AddOpenAI(Key).UseCache(c => c.NeverStoreFrom = (DataClass)9), "Cache.NeverStoreFrom" },
        { "size of the memory cache", h => h.AddOpenAI(Key).UseMemoryCache(m => m.SizeLimitBytes = -1), "MemoryCache.SizeLimitBytes" },
        { "time to live in the memory cache", h => h.AddOpenAI(Key).UseMemoryCache(m => m.Ttl = TimeSpan.Zero), "MemoryCache.Ttl" },
        { "level of the cache that is none", h => h.AddOpenAI(Key).UseCacheLevel(() => null!), "UseCacheLevel" },
        { "unknown default model", h => h.AddOpenAI(Key).UseDefaultModel("nobody/model"), "nobody/model" },
        { "unknown default embedding model", h => h.AddOpenAI(Key).UseDefaultEmbeddingModel("nobody/model"), "nobody/model" },
        { "relative endpoint", h => h.AddOpenAI(Key, o => o.Endpoint = new Uri("v1/", UriKind.Relative)), "OpenAI.Endpoint" },
        { "no endpoint", h => h.AddOpenAI(Key, o => o.Endpoint = null), "OpenAI.Endpoint" },
        { "endpoint of another scheme", h => h.AddLocal("lab", new Uri("ftp://gpu1/v1/")), "Local.lab.Endpoint" },
        { "endpoint with a query", h => h.AddOpenAI(Key, o => o.Endpoint = new Uri("https://host.example/v1/?api-version=1")), "OpenAI.Endpoint" },
        { "endpoint with a fragment", h => h.AddOpenAI(Key, o => o.Endpoint = new Uri("https://host.example/v1/#part")), "OpenAI.Endpoint" },
        { "endpoint with a user", h => h.AddLocal("lab", new Uri("http://me:" + Key + "@gpu1/v1/")), "Local.lab.Endpoint" },
        { "empty key", h => h.AddOpenAI(""), "openai" },
        { "blank key", h => h.AddOpenAI("  "), "Keys" },
        { "key with a line break", h => h.AddOpenAI(Key + "\r\nX-Evil: 1"), "openai" },
        { "key with a letter that is not ASCII", h => h.AddOpenAI(Key + "é"), "openai" },
        { "one bad key of two", h => h.AddOpenAI(Key, o => o.Keys.Add(Key + "\n")), "openai" },
        { "no key at all", h => h.AddOpenAI(Key, o => o.Keys.Clear()), "OpenAI.Keys" },
        { "bad key of a local host", h => h.AddLocal("lab", new Uri("http://gpu1/v1/"), o => o.Keys.Add(Key + "\n")), "lab" },
        { "key over plain http", h => h.AddOpenAI(Key, o => o.Endpoint = new Uri("http://api.example.test/v1/")), "OpenAI.Endpoint" },
        { "mode out of range", h => h.AddOpenAI(Key).UseMode((PerformanceMode)7), "UseMode" },
        { "memory limit too small", h => h.AddOpenAI(Key).UseMemoryLimit(1 << 20), "MemoryLimitBytes (UseMemoryLimit) must be 16,777,216 to 1,099,511,627,776 (was 1,048,576)" },
        { "memory limit too large", h => h.AddOpenAI(Key).UseMemoryLimit(long.MaxValue), "MemoryLimitBytes" },
        { "provider twice", h => h.AddOpenAI(Key).AddOpenAI(Key), "openai" },
        { "local host twice", h => h.AddLocal("lab", new Uri("http://a/v1/")).AddLocal("lab", new Uri("http://b/v1/")), "lab" },
        { "local host with a provider's name", h => h.AddOpenAI(Key).AddLocal("openai", new Uri("http://a/v1/")), "openai" },
        { "name with a slash", h => h.AddLocal("my/lab", new Uri("http://a/v1/")), "my/lab" },
        { "name with a line break", h => h.AddLocal("my\nlab", new Uri("http://a/v1/")), "name" },
        { "connect timeout", h => h.AddOpenAI(Key, o => o.Transport.ConnectTimeout = TimeSpan.Zero), "OpenAI.Transport.ConnectTimeout" },
        { "connection lifetime", h => h.AddOpenAI(Key, o => o.Transport.PooledConnectionLifetime = TimeSpan.Zero), "OpenAI.Transport.PooledConnectionLifetime" },
        { "connection idle time", h => h.AddOpenAI(Key, o => o.Transport.PooledConnectionIdleTimeout = TimeSpan.FromDays(2)), "OpenAI.Transport.PooledConnectionIdleTimeout" },
        { "no connections", h => h.AddOpenAI(Key, o => o.Transport.MaxConnectionsPerServer = 0), "OpenAI.Transport.MaxConnectionsPerServer" },
        { "too many connections", h => h.AddLocal("lab", new Uri("http://a/v1/"), o => o.Transport.MaxConnectionsPerServer = 10_001), "Local.lab.Transport.MaxConnectionsPerServer" },
        { "event bytes", h => h.AddOpenAI(Key, o => o.Transport.MaxEventBytes = 1023), "OpenAI.Transport.MaxEventBytes" },
        { "answer bytes", h => h.AddOpenAI(Key, o => o.Transport.MaxAnswerBytes = 1023), "OpenAI.Transport.MaxAnswerBytes" },
        { "answer bytes that no array holds", h => h.AddOpenAI(Key, o => o.Transport.MaxAnswerBytes = (1L << 30) + 1), "OpenAI.Transport.MaxAnswerBytes" },
        { "header with a line break", h => h.AddOpenAI(Key, o => o.DefaultHeaders["X-Team"] = Key + "\r\nX-Evil: 1"), "OpenAI.DefaultHeaders['X-Team']" },
        { "header name with a space", h => h.AddOpenAI(Key, o => o.DefaultHeaders["X Team"] = Key), "OpenAI.DefaultHeaders['X Team']" },
        { "header that belongs to the content", h => h.AddOpenAI(Key, o => o.DefaultHeaders["Content-Type"] = "text/plain"), "OpenAI.DefaultHeaders['Content-Type']" },
        { "first update clock", h => h.AddOpenAI(Key).UseClocks(clocks => clocks.FirstUpdateTimeout = TimeSpan.FromMilliseconds(99)), "Clocks.FirstUpdateTimeout" },
        { "idle clock", h => h.AddOpenAI(Key).UseClocks(clocks => clocks.IdleTimeout = TimeSpan.FromHours(2)), "Clocks.IdleTimeout" },
        { "total clock", h => h.AddOpenAI(Key).UseClocks(clocks => clocks.TotalTimeout = TimeSpan.FromHours(25)), "Clocks.TotalTimeout" },
        { "stage that is null", h => h.AddOpenAI(Key).AddStage(StageScope.Call, _ => null!), "AddStage" },
        { "stage in no scope", h => h.AddOpenAI(Key).AddStage((StageScope)9, next => next), "AddStage" },
        { "balancing by nothing", h => h.AddOpenAI(Key).MapModel("chat", map => map.Target("openai/gpt-4o-mini").Balance((LoadBalancing)9)), "Balance must be" },
        { "no data class", h => h.AddOpenAI(Key).KeepLocal((DataClass)9), "KeepLocal must be" },
        { "break above its default maximum", h => h.AddOpenAI(Key, o => o.CircuitBreaker.Break = TimeSpan.FromMinutes(2)), "OpenAI.CircuitBreaker.MaximumBreak must be 00:02:00 (Break) to 01:00:00 (was 00:01:00)" },
        { "delay above its default maximum", h => h.AddOpenAI(Key, o => o.Retry.BaseDelay = TimeSpan.FromSeconds(30)), "OpenAI.Retry.MaximumDelay must be 00:00:30 (BaseDelay) to 00:10:00 (was 00:00:08)" },
    };

    [Theory]
    [InlineData("ToolInvocation")]
    [InlineData("Clocks")]
    [InlineData("Telemetry")]
    [InlineData("Claude")]
    [InlineData("Local")]
    [InlineData("Local:lab")]
    [InlineData("OpenAI:EmbeddingBatches")]
    [InlineData("OpenAI:Transport")]
    [InlineData("OpenAI:DefaultHeaders")]
    [InlineData("ZhipuLocal:Services")]
    [InlineData("ZhipuLocal:Services:code")]
    [InlineData("ZhipuLocal:Services:code:Job")]
    [InlineData("ZhipuLocal:Profiles")]
    public void A_text_where_settings_belong_is_refused_and_not_shown(string place)
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection([new("OpenAI:Keys:0", "sk-test-7Qm2xWv9"), new("ZhipuLocal:Endpoint", "http://gpu0:8000/v1/"), new(place, Key)]).Build();
        using ServiceProvider container = new ServiceCollection().AddHarborAI(section).BuildServiceProvider();

        HarborException error = container.Invoking(c => c.GetRequiredService<FastClient>()).Should().Throw<HarborException>().Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().Contain($"'{place}'").And.NotContain(Key);
    }

    [Fact]
    public void A_target_with_settings_in_configuration_is_refused_and_not_lost()
    {
        HarborException error = ErrorOf(("Models:chat:0", "openai/a"), ("Models:chat:1:Target", "openai/b"), ("Models:chat:1:Weight", "2"));

        error.Message.Should().Contain("'Models:chat:1'").And.Contain("MapModel");
    }

    [Fact]
    public void An_unknown_key_is_named_with_its_place()
    {
        ErrorOf(("OpenAI:CircuitBreaker:BreakDuration", "00:00:05")).Message.Should().Contain("'OpenAI:CircuitBreaker:BreakDuration'");
    }

    [Fact]
    public void An_unknown_key_that_is_known_elsewhere_too_is_named_without_a_place()
    {
        HarborException error = ErrorOf(("OpenAI:CircuitBreaker:Endpoint", "1"), ("OpenAI:Endpoint", "https://host.example.test/v1/"));

        error.Message.Should().Contain("'Endpoint'");
    }

    [Theory]
    [MemberData(nameof(WrongSetUps))]
    public void A_wrong_setting_fails_the_build_and_is_named(string what, Action<HarborBuilder> configure, string named)
    {
        HarborException error = FluentActions.Invoking(() => FastClient.Create(configure)).Should().Throw<HarborException>(what).Which;

        error.Kind.Should().Be(ErrorKind.Configuration);
        error.IsTransient.Should().BeFalse();
        error.Message.Should().Contain(named);
        error.ToString().Should().NotContain(Key);
    }

    private static HarborException ErrorOf(params (string Key, string Value)[] settings)
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection([new("OpenAI:Keys:0", "sk-test-7Qm2xWv9"), .. settings.Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))]).Build();
        using ServiceProvider container = new ServiceCollection().AddHarborAI(section).BuildServiceProvider();
        HarborException error = container.Invoking(c => c.GetRequiredService<FastClient>()).Should().Throw<HarborException>().Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        return error;
    }

    [Fact]
    public void Null_arguments_are_refused_where_they_are_given()
    {
        FluentActions.Invoking(() => FastClient.Create(null!)).Should().Throw<ArgumentNullException>();
        Action<HarborBuilder>[] wrong =
        [
            h => h.AddOpenAI((string)null!), h => h.AddLocal(null!, new Uri("http://a/v1/")), h => h.AddLocal("lab", null!), h => h.MapModel(null!, "a"),
            h => h.MapModel("a", (string[])null!), h => h.MapModel("a", (Action<ModelMapBuilder>)null!), h => h.MapModel("a", map => map.Target(null!)),
            h => h.MapModel("a", map => map.WithDefaults(null!)), h => h.UseDefaultModel(null!), h => h.UseDefaultEmbeddingModel(null!), h => h.UseTimeProvider(null!),
            h => h.UseLoggerFactory(null!), h => h.UseJsonOptions(null!), h => h.UseClocks(null!), h => h.UseTelemetry(null!), h => h.AddStage(StageScope.Call, null!),
            h => h.AddOpenAI(Key, o => o.SendOnceThrough(null!)), h => h.AddOpenAI(Key, o => o.UseCredential(null!)),
        ];

        foreach (Action<HarborBuilder> configure in wrong) FluentActions.Invoking(() => FastClient.Create(configure)).Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/v1/")]
    [InlineData("http://localhost:9/v1/")]
    [InlineData("http://[::1]:9/v1/")]
    public void A_key_may_travel_over_plain_http_to_this_machine(string endpoint)
    {
        using FastClient client = FastClient.Create(h => h.AddOpenAI(Key, o => o.Endpoint = new Uri(endpoint)));

        client.GetRequiredService<ChatClientMetadata>().ProviderUri.Should().Be(endpoint);
    }

    [Fact]
    public void A_key_may_travel_over_plain_http_to_a_host_of_ones_own()
    {
        using FastClient client = FastClient.Create(h => h.AddLocal("lab", new Uri("http://gpu1.example.test:8000/v1/"), o => o.Keys.Add(Key)));

        client.GetRequiredService<ChatClientMetadata>().ProviderName.Should().Be("lab");
    }

    [Fact]
    public void A_credential_function_stands_in_for_the_key()
    {
        using FastClient client = FastClient.Create(h => h.AddOpenAI(Key, o =>
        {
            o.Keys.Clear();
            o.UseCredential(_ => new ValueTask<string>(Key));
        }));

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Changing_options_after_the_build_has_no_effect()
    {
        var provider = new Testing.ProviderEmulator();
        OpenAIOptions? kept = null;
        ClockOptions? clocks = null;
        await using FastClient client = FastClient.Create(h => h.UseClocks(c => clocks = c).UseDefaultModel("openai/gpt-4o-mini").AddOpenAI(Key, o =>
        {
            kept = o;
            o.SendOnceThrough(provider.CreateHandler());
        }));

        kept!.Endpoint = new Uri("https://elsewhere.example.test/");
        kept.Keys[0] = "sk-other";
        kept.DefaultHeaders["X-Late"] = "1";
        kept.Transport.MaxAnswerBytes = 1;
        clocks!.TotalTimeout = TimeSpan.Zero;
        await client.AskAsync();

        provider.Attempts[0].Headers["host"].Should().Be("api.openai.com");
        provider.Attempts[0].Headers["authorization"].Should().Be("Bearer " + Key);
        provider.Attempts[0].Headers.Should().NotContainKey("X-Late");
    }

    [Fact]
    public async Task An_endpoint_without_its_last_slash_keeps_its_last_segment()
    {
        var provider = new Testing.ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h.UseDefaultModel("lab/small").AddLocal("lab", new Uri("http://gpu1:8000/api/v1"), o => o.SendOnceThrough(provider.CreateHandler())));

        await client.AskAsync();

        provider.Attempts[0].Path.Should().Be("/api/v1/chat/completions");
    }
}
