using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// What Gemini cannot do is refused before anything is sent, or left out with a note.
public sealed class GeminiRefusalTests
{
    public static TheoryData<string, ChatOptions, string> Refused => new()
    {
        { "conversation", new ChatOptions { ConversationId = "c" }, "ConversationId" },
        { "temperature", new ChatOptions { Temperature = 2.5f }, "Temperature must be 0 to 2" },
        { "temperature that is no number", new ChatOptions { Temperature = float.NaN }, "Temperature must be 0 to 2" },
        { "seed", new ChatOptions { Seed = long.MaxValue }, "Seed" },
        { "stop sequences", new ChatOptions { StopSequences = ["1", "2", "3", "4", "5", "6"] }, "at most 5 StopSequences" },
        { "contents", new ChatOptions { AdditionalProperties = new() { ["contents"] = "x" } }, "'contents'" },
        { "generationConfig that is no object", new ChatOptions { AdditionalProperties = new() { ["generationConfig"] = "x" } }, "must be a JSON object" },
    };

    // A schema; where and what the message names.
    public static TheoryData<string, string, string> Schemas => new()
    {
        { """{"type":"object","properties":{"a":{"not":{"type":"string"}}}}""", "not", "#/properties/a" },
        { """{"allOf":[{"type":"object"},{"type":"object"}]}""", "allOf", "#" },
        { """{"type":"array","items":{"if":{"type":"string"},"then":{"minLength":1}}}""", "if", "#/items" },
        { """{"anyOf":[{"type":"string"},{"patternProperties":{"^x":{"type":"string"}}}]}""", "patternProperties", "#/anyOf/1" },
        { """{"$defs":{"a":{"$ref":"https://other.test/schema"}}}""", "$ref", "#/$defs/a" },
        { """{"properties":{"a":{"$ref":"#/$defs/b","minItems":1}}}""", "minItems", "#/properties/a" },
        { """{"properties":{"a":{"const":true}}}""", "const", "#/properties/a" },
        { """{"properties":{"a":{"enum":[true]}}}""", "enum", "#/properties/a" },
        { """{"properties":{"a":false}}""", "false", "#/properties/a" },
    };

    // A schema; how it is sent.
    public static TheoryData<string, string> Converted => new()
    {
        { """{"$schema":"x","type":"object","properties":{"a":{"type":"string","default":"x","examples":["y"]}},"required":["a"],"additionalProperties":false}""", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""" },
        { """{"properties":{"pattern":{"type":"string","pattern":"^a$","minLength":2,"description":"A code."}}}""", """{"properties":{"pattern":{"type":"string","description":"A code. (pattern: ^a$; minLength: 2)"}}}""" },
        { """{"type":"number","exclusiveMinimum":0}""", """{"type":"number","description":"(exclusiveMinimum: 0)"}""" },
        { """{"properties":{"kind":{"const":"circle"}}}""", """{"properties":{"kind":{"enum":["circle"]}}}""" },
        { """{"type":["string","null"],"enum":["a",null]}""", """{"anyOf":[{"type":["string"],"enum":["a"]},{"type":"null"}]}""" },
        { """{"definitions":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/definitions/a","description":"d"}}}""", """{"$defs":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a"}}}""" },
        { """{"type":"array","items":[{"type":"string"},true]}""", """{"type":"array","prefixItems":[{"type":"string"},{}]}""" },
        { """{"oneOf":[{"type":"string"},{"type":"integer","minimum":1,"maximum":9}],"title":"T"}""", """{"oneOf":[{"type":"string"},{"type":"integer","minimum":1,"maximum":9}],"title":"T"}""" },
        { """{"type":"object","additionalProperties":{"type":"string","maxLength":3}}""", """{"type":"object","additionalProperties":{"type":"string","description":"(maxLength: 3)"}}""" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task An_option_without_a_place_is_refused_before_sending(string name, ChatOptions options, string says)
    {
        HarborException error = await RefusalAsync([new(ChatRole.User, "hi")], options);

        error.Message.Should().Contain(says, name);
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task A_schema_outside_the_subset_is_refused_with_the_keyword_and_its_place(string schema, string keyword, string place)
    {
        HarborException error = await RefusalAsync([new(ChatRole.User, "hi")], new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(GeminiClients.Json(schema)) });

        error.Message.Should().Contain($"'{keyword}' at {place},");
    }

    [Theory]
    [MemberData(nameof(Converted))]
    public async Task A_schema_is_converted_where_the_subset_says_it_otherwise(string schema, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);

        await client.AskAsync(options: new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(GeminiClients.Json(schema)) });

        provider.Body().GetProperty("generationConfig").GetProperty("responseJsonSchema").ShouldBeJson(expected);
    }

    [Fact]
    public async Task The_schema_of_a_type_is_never_refused()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);

        await client.AskAsync(options: new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<Order>() });

        JsonNode sent = JsonNode.Parse(provider.Body().GetProperty("generationConfig").GetProperty("responseJsonSchema").GetRawText())!;
        sent["properties"]!.AsObject().Should().HaveCount(5);
    }

    [Fact]
    public async Task A_conversation_without_a_user_is_refused()
    {
        HarborException error = await RefusalAsync([new(ChatRole.System, "Be brief.")]);

        error.Message.Should().Contain("at least one message of a user");
    }

    [Fact]
    public async Task A_result_whose_call_is_missing_is_refused()
    {
        HarborException error = await RefusalAsync([new(ChatRole.User, "hi"), new(ChatRole.Tool, [new FunctionResultContent("c9", "x")])]);

        error.Message.Should().Contain("'c9'").And.Contain("FunctionCallContent");
    }

    [Fact]
    public async Task More_texts_than_a_request_takes_are_refused_where_nothing_splits_them()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h
            .AddGemini("key-7Qm2xWv9", o =>
            {
                o.SendOnceThrough(provider.CreateHandler());
                o.EmbeddingBatches.IsEnabled = false;
            })
            .UseDefaultEmbeddingModel("gemini/gemini-embedding-001"));

        Func<Task> call = () => client.GenerateAsync(Enumerable.Repeat("x", 101));

        (await call.Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain("at most 100 texts");
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_left_out_is_logged()
    {
        using var logs = new RecordedLogs();
        await using FastClient client = GeminiClients.Create(new ProviderEmulator(), h => h.UseLoggerFactory(logs));

        await client.GetResponseAsync(
            [new(ChatRole.User, [new TextContent("hi"), new ErrorContent("no")])],
            new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one"), new HostedImageGenerationTool()], AllowMultipleToolCalls = false, ModelId = "gemini/gemini-2.0-flash", Reasoning = new() { Effort = ReasoningEffort.High } });

        string.Join('\n', logs.Entries.Select(entry => entry.Message)).Should().ContainAll("ErrorContent", "HostedImageGenerationTool", "AllowMultipleToolCalls", "Reasoning");
    }

    private static async Task<HarborException> RefusalAsync(ChatMessage[] messages, ChatOptions? options = null)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);
        Func<Task> call = () => client.GetResponseAsync(messages, options);

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
        return error;
    }

    private sealed record Order(string Id, int Count, decimal? Price, Colour? Colour, List<Order> Parts);

    [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<Colour>))]
    private enum Colour
    {
        Red,
        Green,
    }
}
