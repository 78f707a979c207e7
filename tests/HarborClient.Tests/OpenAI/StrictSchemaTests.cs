using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

// OpenAI holds an answer to its schema only in strict mode, and refuses a request that asks for strict with a schema that breaks its rules.
public sealed class StrictSchemaTests
{
    private const string Closed = """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""";

    [Theory]
    [InlineData(Closed, true)]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/b"}]}},"required":["a"],"additionalProperties":false,"$defs":{"b":{"type":"object","properties":{},"additionalProperties":false}}}""", true)]
    [InlineData("""{"type":"object","properties":{"default":{"type":"string"}},"required":["default"],"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":{"type":"string"}}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{}}}}},"required":["a"],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"x"}},"required":["a"],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"allOf":[]}},"required":["a"],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", false)]
    [InlineData("true", false)]
    public async Task Strict_is_asked_for_where_the_schema_keeps_its_rules(string schema, bool isStrict)
    {
        using JsonDocument document = JsonDocument.Parse(schema);
        foreach (OpenAIApi api in Enum.GetValues<OpenAIApi>())
        {
            var provider = new ProviderEmulator();
            await using FastClient client = Emulated.OpenAI(provider);

            await client.AskAsync(options: new HarborChatOptions { OpenAIApi = api, ResponseFormat = ChatResponseFormat.ForJsonSchema(document.RootElement.Clone(), "answer") });

            JsonElement body = provider.Body();
            JsonElement format = api == OpenAIApi.Responses ? body.GetProperty("text").GetProperty("format") : body.GetProperty("response_format").GetProperty("json_schema");
            (format.TryGetProperty("strict", out JsonElement strict) && strict.GetBoolean()).Should().Be(isStrict);
        }
    }

    [Fact]
    public async Task A_schema_of_endless_depth_is_just_not_strict()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 50)) + "{}" + new string('}', 50);
        using JsonDocument document = JsonDocument.Parse($$"""{"type":"object","properties":{"a":{{deep}}},"required":["a"],"additionalProperties":false}""");
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.AskAsync(options: new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(document.RootElement.Clone()) });

        provider.Body().GetProperty("response_format").GetProperty("json_schema").TryGetProperty("strict", out _).Should().BeFalse();
    }
}
