using System.Reflection;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

public sealed class OptionsTests
{
    [Fact]
    public void Clone_copies_every_property()
    {
        PropertyInfo[] own = typeof(HarborChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
        var options = new HarborChatOptions { ModelId = "m", Temperature = 0.5f, Instructions = "Be brief." };
        foreach (PropertyInfo property in own) property.SetValue(options, SampleOf(property));

        var copy = (HarborChatOptions)options.Clone();

        own.Should().NotBeEmpty();
        foreach (PropertyInfo property in own) property.GetValue(copy).Should().BeEquivalentTo(property.GetValue(options), "{0} is copied", property.Name);
        copy.Should().BeEquivalentTo(options);
    }

    [Fact]
    public void Clone_copies_collections_so_that_a_change_of_the_copy_stays_there()
    {
        var options = new HarborChatOptions { Tags = new Dictionary<string, string> { ["a"] = "1" }, AllowedTargets = ["lab/small"] };

        var copy = (HarborChatOptions)options.Clone();
        copy.Tags!["b"] = "2";
        copy.AllowedTargets!.Add("openai");

        options.Tags.Should().ContainSingle();
        options.AllowedTargets.Should().ContainSingle();
    }

    [Fact]
    public void Clone_of_a_subclass_that_overrides_it_keeps_type_and_settings()
    {
        ChatOptions copy = new MyOptions { Mode = PerformanceMode.Full, Mine = 7 }.Clone();

        copy.Should().BeOfType<MyOptions>().Which.Mine.Should().Be(7);
        ((MyOptions)copy).Mode.Should().Be(PerformanceMode.Full);
    }

    [Fact]
    public async Task The_mode_of_a_call_outweighs_keys_alias_and_client_in_this_order()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider, h => h
            .UseMode(PerformanceMode.Fast)
            .MapModel("mapped", map => map.Target(Emulated.OpenAIModel).WithDefaults(o => o.Mode = PerformanceMode.Full)));

        (await ModeOf(new ChatOptions())).Should().Be(PerformanceMode.Fast);
        (await ModeOf(new ChatOptions { ModelId = "mapped" })).Should().Be(PerformanceMode.Full);
        (await ModeOf(new ChatOptions { ModelId = "mapped", AdditionalProperties = new() { ["harbor.mode"] = "Balanced" } })).Should().Be(PerformanceMode.Balanced);
        (await ModeOf(new HarborChatOptions { ModelId = "mapped", Mode = PerformanceMode.Fast, AdditionalProperties = new() { ["harbor.mode"] = "Balanced" } })).Should().Be(PerformanceMode.Fast);

        async Task<PerformanceMode> ModeOf(ChatOptions options) => (await client.AskAsync(options: options)).GetHarborInfo().Mode;
    }

    [Fact]
    public async Task Defaults_of_an_alias_reach_its_calls_and_no_others()
    {
        CallSettings? seen = null;
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h
            .MapModel("slow", map => map.Target(Emulated.OpenAIModel).WithDefaults(o =>
            {
                o.TotalTimeout = TimeSpan.FromMinutes(3);
                o.FirstUpdateTimeout = TimeSpan.FromSeconds(7);
                o.IdleTimeout = TimeSpan.FromSeconds(8);
                o.Tenant = "acme";
                o.Priority = CallPriority.Background;
            }))
            .AddStage(StageScope.Call, next => new CallProbe(next, call => seen = call.Settings)));

        await client.AskAsync(options: new ChatOptions { ModelId = "slow" });
        seen.Should().BeEquivalentTo(new { TotalTimeout = TimeSpan.FromMinutes(3), FirstUpdateTimeout = TimeSpan.FromSeconds(7), IdleTimeout = TimeSpan.FromSeconds(8), Tenant = "acme", Priority = CallPriority.Background });

        await client.AskAsync(options: new HarborChatOptions { ModelId = "slow", Tenant = "other" });
        seen.Should().BeEquivalentTo(new { TotalTimeout = TimeSpan.FromMinutes(3), Tenant = "other" });

        await client.AskAsync();
        seen.Should().BeEquivalentTo(new { TotalTimeout = TimeSpan.FromMinutes(10), Priority = CallPriority.Normal });
        seen!.Tenant.Should().BeNull();
    }

    [Fact]
    public async Task A_call_sees_the_settings_it_was_given()
    {
        CallSettings? seen = null;
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.AddStage(StageScope.Call, next => new CallProbe(next, call => seen = call.Settings)));
        var options = new HarborChatOptions
        {
            Mode = PerformanceMode.Fast,
            TotalTimeout = TimeSpan.FromSeconds(11),
            FirstUpdateTimeout = TimeSpan.FromSeconds(12),
            IdleTimeout = TimeSpan.FromSeconds(13),
            MidStream = MidStreamPolicy.Restart,
            Cache = CachePolicy.Refresh,
            CacheTtl = TimeSpan.FromSeconds(14),
            CacheScope = "scope",
            Tenant = "tenant",
            User = "user",
            Affinity = "affinity",
            Priority = CallPriority.Interactive,
            Tags = new Dictionary<string, string> { ["a"] = "1" },
            DataClass = DataClass.Confidential,
            AllowedTargets = ["openai"],
            OpenAIApi = OpenAIApi.ChatCompletions,
        };

        await client.AskAsync(options: options);

        foreach (PropertyInfo property in typeof(HarborChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            property.GetValue(options).Should().NotBeNull("this test sets every setting, and {0} is one", property.Name);
            typeof(CallSettings).GetProperty(property.Name)!.GetValue(seen).Should().BeEquivalentTo(property.GetValue(options), "{0} reaches the call", property.Name);
        }
    }

    [Theory]
    [InlineData("TotalTimeout", 0.05)]
    [InlineData("TotalTimeout", 90_000)]
    [InlineData("TotalTimeout", -5)]
    [InlineData("FirstUpdateTimeout", 0.05)]
    [InlineData("FirstUpdateTimeout", 3_601)]
    [InlineData("IdleTimeout", 0)]
    [InlineData("IdleTimeout", 3_601)]
    public async Task A_clock_out_of_bounds_is_an_invalid_request_that_names_it(string setting, double seconds)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);
        var options = new HarborChatOptions();
        typeof(HarborChatOptions).GetProperty(setting)!.SetValue(options, (TimeSpan?)TimeSpan.FromSeconds(seconds));

        HarborException error = await client.FailureAsync(options: options);

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().StartWith(setting);
        provider.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Mode")]
    [InlineData("MidStream")]
    [InlineData("Cache")]
    [InlineData("Priority")]
    [InlineData("DataClass")]
    public async Task An_enum_value_that_does_not_exist_is_an_invalid_request_that_names_it(string setting)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());
        var options = new HarborChatOptions();
        PropertyInfo property = typeof(HarborChatOptions).GetProperty(setting)!;
        property.SetValue(options, Enum.ToObject(Nullable.GetUnderlyingType(property.PropertyType)!, 99));

        HarborException error = await client.FailureAsync(options: options);

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().StartWith(setting).And.Contain("99");
    }

    [Fact]
    public async Task An_infinite_clock_and_the_longest_ones_are_allowed()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        await client.AskAsync(options: new HarborChatOptions { TotalTimeout = Timeout.InfiniteTimeSpan, FirstUpdateTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan });
        await client.AskAsync(options: new HarborChatOptions { TotalTimeout = TimeSpan.FromHours(24), FirstUpdateTimeout = TimeSpan.FromHours(1), IdleTimeout = TimeSpan.FromMilliseconds(100) });

        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Asking_only_the_cache_is_refused_where_the_mode_has_none()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        HarborException error = await client.FailureAsync(options: new HarborChatOptions { Mode = PerformanceMode.Fast, Cache = CachePolicy.Only });

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("Cache");
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task Tenant_user_tags_and_the_rest_are_never_sent()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.AskAsync(options: new HarborChatOptions { Tenant = "tenant-x", User = "user-x", Affinity = "affinity-x", CacheScope = "scope-x", Tags = new Dictionary<string, string> { ["k"] = "tag-x" } });

        provider.Attempts[0].BodyText.Should().NotContain("-x\"");
        provider.Attempts[0].Headers.Values.Should().NotContain(value => value.Contains("-x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callers_list_of_messages_may_change_while_the_call_waits()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).ThenReply(EmulatedReply.Error(503).DelayBeforeHeaders(TimeSpan.FromSeconds(1))).ThenAnswer("fine");
        await using FastClient client = Emulated.Both(provider, provider, h => h.UseTimeProvider(time));
        List<ChatMessage> messages = [new(ChatRole.User, "before")];

        Task<ChatResponse> call = client.GetResponseAsync(messages);
        await time.TimerSet(TimeSpan.FromSeconds(1));
        messages.Clear();
        time.Advance(TimeSpan.FromSeconds(1));
        await call;

        provider.Attempts[1].BodyText.Should().Contain("before");
    }

    private static object SampleOf(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(1)!;
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(17);
        if (type == typeof(string)) return "text of " + property.Name;
        if (type == typeof(IDictionary<string, string>)) return new Dictionary<string, string> { ["key"] = "value" };
        return type == typeof(IList<string>) ? new List<string> { "one", "two" } : throw new NotSupportedException($"This test needs a sample value for {property.Name}.");
    }

    private sealed class MyOptions : HarborChatOptions
    {
        public MyOptions()
        {
        }

        private MyOptions(MyOptions other) : base(other) => Mine = other.Mine;

        public int Mine { get; init; }

        public override ChatOptions Clone() => new MyOptions(this);
    }
}
