using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

// The same settings through AdditionalProperties, for callers behind middleware that rebuilds the options.
public sealed class HarborKeyTests
{
    public static TheoryData<string, object?, string, object?> Keys => new()
    {
        { "harbor.mode", PerformanceMode.Full, nameof(CallSettings.Mode), PerformanceMode.Full },
        { "harbor.mode", "full", nameof(CallSettings.Mode), PerformanceMode.Full },
        { "harbor.mode", Element("\"Fast\""), nameof(CallSettings.Mode), PerformanceMode.Fast },
        { "harbor.total_timeout", TimeSpan.FromSeconds(30), nameof(CallSettings.TotalTimeout), TimeSpan.FromSeconds(30) },
        { "harbor.total_timeout", 30, nameof(CallSettings.TotalTimeout), TimeSpan.FromSeconds(30) },
        { "harbor.total_timeout", 1.5, nameof(CallSettings.TotalTimeout), TimeSpan.FromSeconds(1.5) },
        { "harbor.total_timeout", Element("30"), nameof(CallSettings.TotalTimeout), TimeSpan.FromSeconds(30) },
        { "harbor.total_timeout", Element("\"00:00:30\""), nameof(CallSettings.TotalTimeout), TimeSpan.FromSeconds(30) },
        { "harbor.first_update_timeout", 5L, nameof(CallSettings.FirstUpdateTimeout), TimeSpan.FromSeconds(5) },
        { "harbor.first_update_timeout", Element("5.5"), nameof(CallSettings.FirstUpdateTimeout), TimeSpan.FromSeconds(5.5) },
        { "harbor.idle_timeout", "00:00:09", nameof(CallSettings.IdleTimeout), TimeSpan.FromSeconds(9) },
        { "harbor.idle_timeout", Element("9"), nameof(CallSettings.IdleTimeout), TimeSpan.FromSeconds(9) },
        { "harbor.mid_stream", "Restart", nameof(CallSettings.MidStream), MidStreamPolicy.Restart },
        { "harbor.mid_stream", Element("\"fail\""), nameof(CallSettings.MidStream), MidStreamPolicy.Fail },
        { "harbor.cache", CachePolicy.Bypass, nameof(CallSettings.Cache), CachePolicy.Bypass },
        { "harbor.cache", Element("\"Refresh\""), nameof(CallSettings.Cache), CachePolicy.Refresh },
        { "harbor.cache_ttl", Element("60"), nameof(CallSettings.CacheTtl), TimeSpan.FromMinutes(1) },
        { "harbor.cache_scope", Element("\"scope\""), nameof(CallSettings.CacheScope), "scope" },
        { "harbor.tenant", "acme", nameof(CallSettings.Tenant), "acme" },
        { "harbor.tenant", Element("\"acme\""), nameof(CallSettings.Tenant), "acme" },
        { "harbor.user", Element("\"u1\""), nameof(CallSettings.User), "u1" },
        { "harbor.affinity", Element("\"s1\""), nameof(CallSettings.Affinity), "s1" },
        { "harbor.priority", Element("\"Interactive\""), nameof(CallSettings.Priority), CallPriority.Interactive },
        { "harbor.data_class", Element("\"Restricted\""), nameof(CallSettings.DataClass), DataClass.Restricted },
        { "harbor.allowed_targets", new[] { "openai" }, nameof(CallSettings.AllowedTargets), new[] { "openai" } },
        { "harbor.allowed_targets", "openai, lab/small", nameof(CallSettings.AllowedTargets), new[] { "openai", "lab/small" } },
        { "harbor.allowed_targets", Element("""["openai"]"""), nameof(CallSettings.AllowedTargets), new[] { "openai" } },
        { "harbor.tags", new Dictionary<string, string> { ["a"] = "1" }, nameof(CallSettings.Tags), new Dictionary<string, string> { ["a"] = "1" } },
        { "harbor.openai_api", Element("\"responses\""), nameof(CallSettings.OpenAIApi), OpenAIApi.Responses },
        { "harbor.tags", Element("""{"a":"1"}"""), nameof(CallSettings.Tags), new Dictionary<string, string> { ["a"] = "1" } },
    };

    public static TheoryData<string, object> WrongValues => new()
    {
        { "harbor.mode", "quick" },
        { "harbor.mode", 12.5 },
        { "harbor.mode", "7" },
        { "harbor.total_timeout", "soon" },
        { "harbor.total_timeout", -3 },
        { "harbor.total_timeout", double.NaN },
        { "harbor.total_timeout", Element("1e300") },
        { "harbor.total_timeout", Element("true") },
        { "harbor.tenant", 5 },
        { "harbor.tenant", Element("[1]") },
        { "harbor.allowed_targets", Element("[1]") },
        { "harbor.allowed_targets", 5 },
        { "harbor.tags", "a=1" },
        { "harbor.tags", Element("""{"a":1}""") },
        { "harbor.cache_ttl", Element("{}") },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_sets_what_its_option_sets_and_is_not_sent(string key, object? value, string setting, object? expected)
    {
        var provider = new ProviderEmulator();
        CallSettings? seen = null;
        await using FastClient client = Emulated.OpenAI(provider, h => h.AddStage(StageScope.Call, next => new CallProbe(next, call => seen = call.Settings)));

        await client.AskAsync(options: new ChatOptions { AdditionalProperties = new() { [key] = value } });

        typeof(CallSettings).GetProperty(setting)!.GetValue(seen).Should().BeEquivalentTo(expected);
        provider.Attempts[0].BodyText.Should().NotContain("harbor");
    }

    [Fact]
    public void Every_setting_of_the_options_has_a_key()
    {
        IEnumerable<string> settings = typeof(HarborChatOptions).GetProperties().Where(property => property.DeclaringType == typeof(HarborChatOptions)).Select(property => property.Name);

        settings.Should().BeSubsetOf(Keys.Select(row => (string)row[2]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unknown_key_is_an_invalid_request_that_names_it_and_lists_the_known_ones(bool isEmbedding)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);
        AdditionalPropertiesDictionary properties = new() { ["harbor.total_timeot"] = 30 };

        Func<Task> call = isEmbedding
            ? () => client.GenerateAsync(["a"], new EmbeddingGenerationOptions { AdditionalProperties = properties })
            : () => client.AskAsync(options: new ChatOptions { AdditionalProperties = properties });

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("harbor.total_timeot").And.Contain("harbor.total_timeout");
        foreach (string key in Keys.Select(row => (string)row[0])) error.Message.Should().Contain(key);
        provider.Attempts.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(WrongValues))]
    public async Task A_value_of_the_wrong_form_is_an_invalid_request_that_names_the_key(string key, object value)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        HarborException error = await client.FailureAsync(options: new ChatOptions { AdditionalProperties = new() { [key] = value } });

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain(key);
        provider.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData("harbor.mode")]
    [InlineData("harbor.total_timeout")]
    [InlineData("harbor.tenant")]
    [InlineData("harbor.allowed_targets")]
    [InlineData("harbor.tags")]
    [InlineData("harbor.cache_ttl")]
    public async Task A_null_sets_nothing_whether_it_is_a_null_or_a_json_one(string key)
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(), h => h.UseMode(PerformanceMode.Fast));

        ChatResponse plain = await client.AskAsync(options: new ChatOptions { AdditionalProperties = new() { [key] = null } });
        ChatResponse json = await client.AskAsync(options: new ChatOptions { AdditionalProperties = new() { [key] = Element("null") } });

        plain.GetHarborInfo().Mode.Should().Be(PerformanceMode.Fast);
        json.GetHarborInfo().Mode.Should().Be(PerformanceMode.Fast);
    }

    [Fact]
    public async Task Options_that_went_through_json_keep_their_harbor_keys()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());
        var options = new ChatOptions { AdditionalProperties = new() { ["harbor.mode"] = "Full", ["harbor.total_timeout"] = 30 } };

        ChatOptions rebuilt = JsonSerializer.Deserialize<ChatOptions>(JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        (await client.AskAsync(options: rebuilt)).GetHarborInfo().Mode.Should().Be(PerformanceMode.Full);
    }

    [Fact]
    public async Task A_bound_holds_for_a_key_too()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        HarborException error = await client.FailureAsync(options: new ChatOptions { AdditionalProperties = new() { ["harbor.idle_timeout"] = 4000 } });

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().StartWith("IdleTimeout");
    }

    private static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
