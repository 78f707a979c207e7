using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// Where Claude is told to keep a prefix in its prompt cache.
public sealed class ClaudeCacheTests
{
    private const string FiveMinutes = """{"type":"ephemeral"}""";
    private const string OneHour = """{"type":"ephemeral","ttl":"1h"}""";

    private static readonly string Long = new('x', 5000);

    private static readonly AITool Tool = AIFunctionFactory.CreateDeclaration("long", Long, JsonElement.Parse("""{"type":"object"}"""));

    [Fact]
    public async Task A_conversation_that_goes_on_is_marked_at_tools_system_and_the_last_two_turns_of_the_user()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
            [new(ChatRole.System, "One."), new(ChatRole.System, "Two."), new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c"), new(ChatRole.Assistant, "d"), new(ChatRole.User, "e")],
            new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "short"), Tool] });

        Marks(sent).Should().Equal("tools[1]", "system[1]", "messages[2].content[0]", "messages[4].content[0]");
        sent["tools"]![1]!["cache_control"].ShouldBe(FiveMinutes);
    }

    [Fact]
    public async Task Results_of_tools_are_marked_at_the_last_one()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
            [new(ChatRole.User, Long), new(ChatRole.Assistant, [new FunctionCallContent("t1", "f"), new FunctionCallContent("t2", "f")]), new(ChatRole.Tool, [new FunctionResultContent("t1", "1")]), new(ChatRole.Tool, [new FunctionResultContent("t2", "2")])]);

        Marks(sent).Should().Equal("messages[0].content[0]", "messages[2].content[1]");
    }

    [Fact]
    public async Task A_single_question_a_short_one_and_one_of_a_client_without_caching_are_not_marked()
    {
        ChatMessage[] goesOn = [new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c")];

        Marks(await ClaudeClients.SentAsync([new(ChatRole.System, Long), new(ChatRole.User, Long)], new ChatOptions { Tools = [Tool] })).Should().BeEmpty("nothing says that it comes again");
        Marks(await ClaudeClients.SentAsync(goesOn)).Should().BeEmpty("no model keeps so little");
        Marks(await ClaudeClients.SentAsync([new(ChatRole.System, Long), .. goesOn], configure: o => o.PromptCaching = ClaudePromptCaching.Off)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_hour_is_written_where_it_is_chosen()
    {
        JsonObject sent = await ClaudeClients.SentAsync([new(ChatRole.System, Long), new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c")], configure: o => o.PromptCacheTtl = TimeSpan.FromHours(1));

        sent["system"]![0]!["cache_control"].ShouldBe(OneHour);
    }

    [Fact]
    public async Task The_callers_own_marks_are_written_and_replace_the_automatic_ones()
    {
        static AdditionalPropertiesDictionary Mark(object value) => new() { ["cache_control"] = value };

        JsonObject sent = await ClaudeClients.SentAsync(
            [
                new(ChatRole.System, Long) { AdditionalProperties = Mark("1h") },
                new(ChatRole.User, [new TextContent("a") { AdditionalProperties = Mark("5m") }, new TextContent("b")]),
                new(ChatRole.Assistant, "c"),
                new(ChatRole.User, [new TextContent("d"), new TextContent("e")]) { AdditionalProperties = Mark(JsonElement.Parse("""{"type":"ephemeral","new":1}""")) },
            ],
            new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, new AIFunctionFactoryOptions { Name = "f", AdditionalProperties = new Dictionary<string, object?> { ["cache_control"] = "5m" } })] });

        Marks(sent).Should().Equal("tools[0]", "system[0]", "messages[0].content[0]", "messages[2].content[1]");
        sent["system"]![0]!["cache_control"].ShouldBe(OneHour);
        sent["messages"]![0]!["content"]![0]!["cache_control"].ShouldBe("""{"type":"ephemeral","ttl":"5m"}""");
        sent["messages"]![2]!["content"]![1]!["cache_control"].ShouldBe("""{"type":"ephemeral","new":1}""");
    }

    [Fact]
    public async Task Claudes_own_automatic_marking_is_the_callers_choice_too()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
            [new(ChatRole.User, Long), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c")],
            new ChatOptions { AdditionalProperties = new() { ["cache_control"] = new JsonObject { ["type"] = "ephemeral" } } });

        Marks(sent).Should().Equal("");
    }

    [Fact]
    public async Task Five_marks_and_a_mark_that_is_none_are_refused()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider);
        ChatMessage Of(params object[] marks) => new(ChatRole.User, [.. marks.Select(mark => new TextContent("x") { AdditionalProperties = new() { ["cache_control"] = mark } })]);

        foreach (ChatMessage message in new[] { Of("5m", "5m", "5m", "5m", "5m"), Of("forever") })
            (await client.Awaiting(c => c.GetResponseAsync([message])).Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        provider.Attempts.Should().BeEmpty();
    }

    [Theory]
    [InlineData(7)]
    [InlineData(0)]
    public void Only_the_two_times_that_Claude_knows_can_be_set(int minutes)
    {
        Action create = () => ClaudeClients.Of(new ProviderEmulator(), o => o.PromptCacheTtl = TimeSpan.FromMinutes(minutes));

        create.Should().Throw<HarborException>().Which.Message.Should().Contain("Claude.PromptCacheTtl");
    }

    // Where the marks are.
    private static IEnumerable<string> Marks(JsonNode? node, string path = "") => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "cache_control" ? [path] : Marks(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}")),
        JsonArray items => items.SelectMany((item, i) => Marks(item, $"{path}[{i}]")),
        _ => [],
    };
}
