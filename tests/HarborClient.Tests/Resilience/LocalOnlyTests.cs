using HarborClient.Testing;
using HarborClient.Tests.Shadows;

namespace HarborClient.Tests.Resilience;

// Data that must stay home: whatever the local host does, nothing of the call reaches another one.
public sealed class LocalOnlyTests
{
    private const string Secret = "the patient's name";

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _home;
    private readonly ProviderEmulator _cloud;

    public LocalOnlyTests()
    {
        _home = new ProviderEmulator(_time);
        _cloud = new ProviderEmulator(_time);
    }

    public static TheoryData<string, PerformanceMode, bool> Faults()
    {
        var all = new TheoryData<string, PerformanceMode, bool>();
        foreach (string fault in Replies.Keys)
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>())
            {
                all.Add(fault, mode, true);
                all.Add(fault, mode, false);
            }
        }

        return all;
    }

    private static readonly Dictionary<string, Func<EmulatedReply>> Replies = new()
    {
        ["429 with Retry-After"] = () => EmulatedReply.Error(429).RetryAfter(2),
        ["429"] = () => EmulatedReply.Error(429),
        ["500"] = () => EmulatedReply.Error(500),
        ["503"] = () => EmulatedReply.Error(503),
        ["quota"] = () => EmulatedReply.Error(429, code: "insufficient_quota"),
        ["refused"] = () => new EmulatedReply().ConnectionRefused(),
        ["silent"] = () => new EmulatedReply().NeverAnswer(),
        ["cut"] = () => EmulatedReply.Answer("one two three four").CutAfterUpdates(2),
        ["too long"] = () => EmulatedReply.Error(400, code: "context_length_exceeded"),
        ["filtered"] = () => EmulatedReply.Error(400, code: "content_filter"),
        ["bad request"] = () => EmulatedReply.Error(400),
        ["rejected key"] = () => EmulatedReply.Error(401),
        ["not an API"] = () => EmulatedReply.Raw("<html>", "text/html"),
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task No_fault_at_home_sends_a_confidential_call_elsewhere(string fault, PerformanceMode mode, bool isStreaming)
    {
        _home.Otherwise(Replies[fault]());
        await using FastClient client = Client(h => h.KeepLocal(DataClass.Confidential), mode);
        var options = new HarborChatOptions { ModelId = "watched", DataClass = DataClass.Confidential, MidStream = MidStreamPolicy.Restart, TotalTimeout = TimeSpan.FromMinutes(3) };

        Task<HarborException> failure = FailureAsync(client, options, isStreaming);
        await _time.AdvanceUntil(failure);

        (await failure).Attempts.Should().OnlyContain(attempt => attempt.Provider == "home");
        _home.Attempts.Should().NotBeEmpty();
        _cloud.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
        client.Health.Variants.Single(variant => variant.Role == VariantRole.Shadow).Skipped.Should().Be(0, "it is not even considered");
    }

    public static TheoryData<string, PerformanceMode, bool> FaultsOfOneBody()
    {
        var some = new TheoryData<string, PerformanceMode, bool>();
        foreach (object[] row in Faults())
        {
            // Vectors come in one body: there is no stream to be cut.
            if (row is [string fault and not "cut", PerformanceMode mode, bool isOneText]) some.Add(fault, mode, isOneText);
        }

        return some;
    }

    [Theory]
    [MemberData(nameof(FaultsOfOneBody))]
    public async Task No_fault_at_home_has_confidential_texts_embedded_elsewhere(string fault, PerformanceMode mode, bool isOneText)
    {
        _home.Otherwise(Replies[fault]());
        await using FastClient client = Client(h => h.KeepLocal(DataClass.Confidential).MapModel("vectors", "home/e", "openai/e"), mode);
        var options = new EmbeddingGenerationOptions { ModelId = "vectors", AdditionalProperties = new() { ["harbor.data_class"] = "confidential" } };

        Func<Task> embed = () => client.GenerateAsync(isOneText ? [Secret] : [.. Enumerable.Repeat(Secret, 100)], options);
        Task<HarborException> failure = Failure(embed);
        await _time.AdvanceUntil(failure);

        (await failure).Attempts.Should().OnlyContain(attempt => attempt.Provider == "home");
        _home.Attempts.Should().NotBeEmpty();
        _cloud.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [MemberData(nameof(TestClients.Modes), MemberType = typeof(TestClients))]
    public async Task A_confidential_call_has_no_shadow_elsewhere_and_a_less_sensitive_one_has(PerformanceMode mode)
    {
        await using FastClient client = Client(h => h.KeepLocal(DataClass.Confidential), mode);

        await client.GetResponseAsync(Secret, new HarborChatOptions { ModelId = "watched", DataClass = DataClass.Restricted });
        await ShadowHosts.Settled(client);
        _cloud.Attempts.Should().BeEmpty();
        await client.GetResponseAsync("hi", new HarborChatOptions { ModelId = "watched", DataClass = DataClass.Internal });
        await ShadowHosts.Settled(client);

        _home.Attempts.Should().HaveCount(2);
        _cloud.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task An_alias_that_is_local_only_has_no_shadow_elsewhere()
    {
        await using FastClient client = Client(h => h.MapModel("care", map => map.Target("home/small").Shadow("openai/gpt-4o-mini").LocalOnly()), PerformanceMode.Balanced);

        await client.GetResponseAsync(Secret, new HarborChatOptions { ModelId = "care" });
        await ShadowHosts.Settled(client);

        _cloud.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_less_sensitive_call_may_leave()
    {
        _home.Otherwise(EmulatedReply.Error(503));
        await using FastClient client = Client(h => h.KeepLocal(DataClass.Confidential), PerformanceMode.Fast);

        await client.GetResponseAsync("hi", new HarborChatOptions { DataClass = DataClass.Internal });

        _cloud.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_tenants_calls_stay_and_others_may_leave()
    {
        _home.Otherwise(EmulatedReply.Error(503));
        await using FastClient client = Client(h => h.KeepTenantsLocal("clinic"), PerformanceMode.Fast);

        await FailureAsync(client, new HarborChatOptions { Tenant = "clinic" }, isStreaming: false);
        _cloud.Attempts.Should().BeEmpty();
        await client.GetResponseAsync("hi", new HarborChatOptions { Tenant = "shop" });

        _cloud.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task Without_a_local_target_the_call_is_refused_and_the_rule_is_named()
    {
        await using FastClient client = Client(h => h.KeepLocal(DataClass.Restricted), PerformanceMode.Balanced);

        HarborException error = await FailureAsync(client, new HarborChatOptions { ModelId = "openai/gpt-4o-mini", DataClass = DataClass.Restricted }, isStreaming: false);

        error.Kind.Should().Be(ErrorKind.NoPermittedTarget);
        error.Message.Should().Contain("KeepLocal").And.Contain("KeepTenantsLocal");
        _cloud.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task An_alias_that_is_local_only_never_leaves()
    {
        _home.Otherwise(EmulatedReply.Error(503));
        await using FastClient client = Client(h => h.MapModel("care", map => map.Target("home/small").Target("openai/gpt-4o-mini").LocalOnly()), PerformanceMode.Balanced);

        Task<HarborException> failure = FailureAsync(client, new HarborChatOptions { ModelId = "care" }, isStreaming: false);
        await _time.AdvanceUntil(failure);

        (await failure).Kind.Should().Be(ErrorKind.Overloaded);
        _cloud.Attempts.Should().BeEmpty();
    }

    private static async Task<HarborException> Failure(Func<Task> act) => (await act.Should().ThrowAsync<HarborException>()).Which;

    private static async Task<HarborException> FailureAsync(FastClient client, HarborChatOptions options, bool isStreaming)
    {
        Func<Task> call = isStreaming ? () => client.StreamTextAsync(Secret, options).ToListAsync() : () => client.GetResponseAsync(Secret, options);
        return (await call.Should().ThrowAsync<HarborException>()).Which;
    }

    private FastClient Client(Action<HarborBuilder> rules, PerformanceMode mode) => FastClient.Create(h =>
    {
        h.AddLocal("home", new Uri("http://home.test:8000/v1/"), o => o.UseHandler(_home.CreateHandler()));
        h.AddOpenAI("sk-test-key-7Qm2xWv9", o => o.UseHandler(_cloud.CreateHandler()));
        h.MapModel("watched", map => map.Target("home/small").Target("openai/gpt-4o-mini").Shadow("openai/gpt-4o-mini"));
        h.MapModel("chat", "home/small", "openai/gpt-4o-mini").UseDefaultModel("chat").UseTimeProvider(_time).UseMode(mode);
        rules(h);
    });
}
