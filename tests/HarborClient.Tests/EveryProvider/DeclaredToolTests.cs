using System.Runtime.CompilerServices;
using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.EveryProvider;

// A function's declaration is written once and kept; what changes is written anew, and what nobody uses any more is not kept alive.
public sealed class DeclaredToolTests
{
    private readonly ProviderEmulator _provider = new();

    public static TheoryData<string> Providers => ["openai", "responses", "claude", "gemini", "zhipu", "local"];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_function_that_changes_between_two_calls_is_declared_as_it_is_now(string name)
    {
        await using FastClient client = ProviderUnderTest.Named(name).Create(_provider.CreateHandler());
        var function = new ChangingFunction();
        string first = await DeclarationAsync(client, function);

        (await DeclarationAsync(client, function)).Should().Be(first);
        function.NameNow = "renamed";
        string renamed = await DeclarationAsync(client, function);
        function.DescriptionNow = "says more";
        string described = await DeclarationAsync(client, function);
        function.SchemaNow = """{"type":"object","properties":{"b":{"type":"number"}}}""";
        string reshaped = await DeclarationAsync(client, function);
        function.Properties["strict"] = true;
        string strict = await DeclarationAsync(client, function);
        function.Properties["strict"] = false;
        string lenient = await DeclarationAsync(client, function);

        renamed.Should().Contain("\"renamed\"").And.NotContain("\"changing\"");
        described.Should().Contain("says more");
        reshaped.Should().Contain("\"b\"").And.NotContain("\"a\"");
        if (name == "gemini") return;
        strict.Should().Contain("\"strict\":true");
        lenient.Should().Contain("\"strict\":false");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_schema_that_is_made_anew_each_time_and_disposed_is_written_all_the_same(string name)
    {
        await using FastClient client = ProviderUnderTest.Named(name).Create(_provider.CreateHandler());
        var function = new ChangingFunction { DisposesSchemas = true };

        string first = await DeclarationAsync(client, function);

        (await DeclarationAsync(client, function)).Should().Be(first);
    }

    [Fact]
    public async Task One_function_is_declared_to_each_provider_in_its_own_words()
    {
        var function = new ChangingFunction();
        Dictionary<string, string> declared = [];
        foreach (string name in new[] { "openai", "responses", "claude", "gemini", "openai", "responses", "claude", "gemini" })
        {
            await using FastClient client = ProviderUnderTest.Named(name).Create(_provider.CreateHandler());
            string declaration = await DeclarationAsync(client, function);
            declared.TryAdd(name, declaration);
            declaration.Should().Be(declared[name]);
        }

        declared.Values.Should().OnlyHaveUniqueItems();
        declared["openai"].Should().Be("""[{"type":"function","function":{"name":"changing","description":"says something","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}]""");
    }

    [Fact]
    public async Task Claude_marks_the_last_function_and_no_other_whatever_was_declared_before()
    {
        await using FastClient client = ProviderUnderTest.Named("claude").Create(_provider.CreateHandler());
        AIFunctionDeclaration[] functions = [new ChangingFunction { NameNow = "one", DescriptionNow = new string('x', 5_000) }, new ChangingFunction { NameNow = "two" }];
        ChatMessage[] talk = [new(ChatRole.User, "hi"), new(ChatRole.Assistant, "hello"), new(ChatRole.User, "and?")];

        await client.GetResponseAsync(talk, new ChatOptions { Tools = [.. functions] });
        await client.GetResponseAsync(talk, new ChatOptions { Tools = [.. functions.Reverse()] });
        await client.GetResponseAsync(talk, new ChatOptions { Tools = [.. functions] });

        MarkedTools(0).Should().Equal(false, true);
        MarkedTools(1).Should().Equal(false, true);
        MarkedTools(2).Should().Equal(false, true);
    }

    [Fact]
    public async Task A_function_that_nobody_uses_any_more_is_not_kept()
    {
        await using FastClient client = ProviderUnderTest.Named("openai").Create(new FixedAnswerHandler());

        WeakReference function = await AskOnceAsync(client);
        for (int i = 0; i < 10 && function.IsAlive; i++)
        {
            await client.GetResponseAsync("something else");
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        function.IsAlive.Should().BeFalse();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> AskOnceAsync(FastClient client)
    {
        var function = new ChangingFunction();
        await client.GetResponseAsync("hi", new ChatOptions { Tools = [function] });
        return new WeakReference(function);
    }

    private async Task<string> DeclarationAsync(FastClient client, AIFunctionDeclaration function)
    {
        await client.GetResponseAsync("hi", new ChatOptions { Tools = [function] });
        return _provider.Attempts[^1].BodyJson!.Value.GetProperty("tools").GetRawText();
    }

    private IEnumerable<bool> MarkedTools(int attempt) =>
        _provider.Attempts[attempt].BodyJson!.Value.GetProperty("tools").EnumerateArray().Select(tool => tool.TryGetProperty("cache_control", out _));

    private sealed class ChangingFunction : AIFunctionDeclaration
    {
        private JsonDocument? _last;

        public string NameNow { get; set; } = "changing";

        public string DescriptionNow { get; set; } = "says something";

        public string SchemaNow { get; set; } = """{"type":"object","properties":{"a":{"type":"string"}}}""";

        public bool DisposesSchemas { get; init; }

        public Dictionary<string, object?> Properties { get; } = [];

        public override string Name => NameNow;

        public override string Description => DescriptionNow;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => Properties;

        public override JsonElement JsonSchema
        {
            get
            {
                if (DisposesSchemas) _last?.Dispose();
                _last = JsonDocument.Parse(SchemaNow);
                return _last.RootElement;
            }
        }
    }
}
