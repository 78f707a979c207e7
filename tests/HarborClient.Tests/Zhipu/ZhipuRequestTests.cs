using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Zhipu;

// A request in the neutral vocabulary, and the body that Zhipu gets.
public sealed class ZhipuRequestTests
{
    private const string User = """{"role":"user","content":"hi"}""";
    private const string SchemaText = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
    private const string WeatherTool = $$$$"""{"type":"function","function":{"name":"weather","description":"Tells the weather.","parameters":{{{{SchemaText}}}}}}""";
    private const string TimeTool = $$$$"""{"type":"function","function":{"name":"time","description":"Tells the time.","parameters":{{{{SchemaText}}}}}}""";

    private static readonly JsonElement Schema = JsonDocument.Parse(SchemaText).RootElement.Clone();
    private static readonly AIFunctionDeclaration Weather = AIFunctionFactory.CreateDeclaration("weather", "Tells the weather.", Schema);
    private static readonly AIFunctionDeclaration Time = AIFunctionFactory.CreateDeclaration("time", "Tells the time.", Schema);

    // Options; what is sent beside model and messages.
    public static TheoryData<string, ChatOptions, string> Options => new()
    {
        { "nothing", new ChatOptions(), "{}" },
        { "sampling", new ChatOptions { Temperature = 0.7f, TopP = 0.25f, Seed = 42 }, """{"temperature":0.7,"top_p":0.25,"seed":42}""" },
        { "temperature 1", new ChatOptions { Temperature = 1 }, """{"temperature":1}""" },
        { "temperature 0 is not sampling", new ChatOptions { Temperature = 0 }, """{"do_sample":false}""" },
        { "a temperature above the range", new ChatOptions { Temperature = 1.5f }, """{"temperature":1}""" },
        { "top p below and above the range", new ChatOptions { TopP = 0 }, """{"top_p":0.01}""" },
        { "most tokens", new ChatOptions { MaxOutputTokens = 100 }, """{"max_tokens":100}""" },
        { "one stop sequence", new ChatOptions { StopSequences = ["END"] }, """{"stop":["END"]}""" },
        { "settings it does not have", new ChatOptions { TopK = 40, FrequencyPenalty = 1, PresencePenalty = 1 }, "{}" },
        { "thinking off", Thinking(ReasoningEffort.None), """{"thinking":{"type":"disabled"}}""" },
        { "thinking on, before the effort existed", Thinking(ReasoningEffort.High), """{"thinking":{"type":"enabled"}}""" },
        { "thinking left to the provider", new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.Full } }, "{}" },
        { "thinking of one's own", Thinking(ReasoningEffort.High, ("thinking", new JsonObject { ["type"] = "enabled", ["clear_thinking"] = false })), """{"thinking":{"type":"enabled","clear_thinking":false}}""" },
        { "text format", new ChatOptions { ResponseFormat = ChatResponseFormat.Text }, """{"response_format":{"type":"text"}}""" },
        { "JSON format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, """{"response_format":{"type":"json_object"}}""" },
        { "tools", new ChatOptions { Tools = [Weather] }, $$"""{"tools":[{{WeatherTool}}]}""" },
        { "tool mode auto", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.Auto }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"auto"}""" },
        { "tool mode none", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.None }, "{}" },
        { "tool mode any of one", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireAny }, $$$$"""{"tools":[{{{{WeatherTool}}}}],"tool_choice":{"type":"function","function":{"name":"weather"}}}""" },
        { "tool mode specific", new ChatOptions { Tools = [Weather, Time], ToolMode = ChatToolMode.RequireSpecific("time") }, $$$$"""{"tools":[{{{{WeatherTool}}}},{{{{TimeTool}}}}],"tool_choice":{"type":"function","function":{"name":"time"}}}""" },
        { "one call at a time", new ChatOptions { Tools = [Weather], AllowMultipleToolCalls = false }, $$"""{"tools":[{{WeatherTool}}]}""" },
        { "web search", new ChatOptions { Tools = [new HostedWebSearchTool()] }, """{"tools":[{"type":"web_search","web_search":{"enable":true,"search_result":true}}]}""" },
        { "web search with settings, beside a function", new ChatOptions { Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["search_engine"] = "search_pro", ["search_result"] = false }), Weather] }, $$$"""{"tools":[{{{WeatherTool}}},{"type":"web_search","web_search":{"enable":true,"search_engine":"search_pro","search_result":false}}]}""" },
        { "other hosted tools", new ChatOptions { Tools = [new HostedCodeInterpreterTool()] }, "{}" },
        { "members of one's own", new ChatOptions { AdditionalProperties = new() { ["user_id"] = "user-0001", ["sensitive_word_check"] = new JsonObject { ["type"] = "ALL" }, ["watermark_enabled"] = false } }, """{"user_id":"user-0001","sensitive_word_check":{"type":"ALL"},"watermark_enabled":false}""" },
        { "members of one's own outweigh options", new ChatOptions { Temperature = 0, Tools = [Weather, Time], ToolMode = ChatToolMode.RequireAny, StopSequences = ["a", "b"], AdditionalProperties = new() { ["do_sample"] = true, ["tool_choice"] = "required", ["stop"] = "c" } }, $$"""{"tools":[{{WeatherTool}},{{TimeTool}}],"do_sample":true,"tool_choice":"required","stop":"c"}""" },
        { "a raw request", new ChatOptions { Temperature = 1, RawRepresentationFactory = _ => new JsonObject { ["temperature"] = 0.25, ["meta"] = null } }, """{"temperature":0.25,"meta":null}""" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Options_become_what_Zhipu_documents(string what, ChatOptions options, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        await client.AskAsync(options: options);

        JsonObject all = JsonNode.Parse($$"""{"model":"glm-4.7","messages":[{{User}}]}""")!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(expected)!.AsObject()) all[name] = value?.DeepClone();
        provider.Request().ShouldBe(all.ToJsonString());
        provider.Attempts[0].Path.Should().Be("/api/paas/v4/chat/completions", what);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // Messages; the messages array expected.
    public static TheoryData<string, ChatMessage[], string> Messages => new()
    {
        { "roles", [new(ChatRole.System, "s"), new(ChatRole.User, "u"), new(ChatRole.Assistant, "a")], """[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"}]""" },
        { "image bytes", [new(ChatRole.User, [new TextContent("what?"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")])], """[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}}]}]""" },
        { "image address", [new(ChatRole.User, [new UriContent("https://example.test/a.png", "image/png")])], """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.test/a.png"}}]}]""" },
        { "video address", [new(ChatRole.User, [new UriContent("https://example.test/a.mp4", "video/mp4")])], """[{"role":"user","content":[{"type":"video_url","video_url":{"url":"https://example.test/a.mp4"}}]}]""" },
        { "document addresses", [new(ChatRole.User, [new UriContent("https://example.test/a.pdf", "application/pdf"), new UriContent("https://example.test/a.txt", "text/plain")])], """[{"role":"user","content":[{"type":"file_url","file_url":{"url":"https://example.test/a.pdf"}},{"type":"file_url","file_url":{"url":"https://example.test/a.txt"}}]}]""" },
        { "audio", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "audio/wav")])], """[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AQID","format":"wav"}}]}]""" },
        { "reasoning goes back with its call", [new(ChatRole.Assistant, [new TextReasoningContent("I should"), new TextReasoningContent(" look."), new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Oslo" })]), new(ChatRole.Tool, [new FunctionResultContent("c1", "sunny")])], """[{"role":"assistant","content":null,"reasoning_content":"I should look.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"sunny"}]""" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Messages_become_what_Zhipu_documents(string what, ChatMessage[] messages, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        await client.GetResponseAsync(messages);

        provider.Request()["messages"].ShouldBe(expected);
        what.Should().NotBeEmpty();
    }

    public static TheoryData<ChatOptions, AIContent, string> Refused => new()
    {
        { new ChatOptions { StopSequences = ["a", "b"] }, new TextContent("hi"), "StopSequences" },
        { new ChatOptions { Tools = [Weather, Time], ToolMode = ChatToolMode.RequireAny }, new TextContent("hi"), "ChatToolMode.RequireSpecific" },
        { new ChatOptions { ConversationId = "conv_1" }, new TextContent("hi"), "ConversationId" },
        { new ChatOptions { AdditionalProperties = new() { ["request_id"] = "mine-0001" } }, new TextContent("hi"), "'request_id'" },
        { new ChatOptions { Temperature = float.NaN }, new TextContent("hi"), "JSON" },
        { new ChatOptions(), new DataContent(new byte[] { 1 }, "application/pdf"), "UriContent" },
        { new ChatOptions(), new DataContent(new byte[] { 1 }, "video/mp4"), "UriContent" },
        { new ChatOptions(), new HostedFileContent("file-1"), "UriContent" },
        { new ChatOptions(), new UriContent("https://example.test/a.wav", "audio/wav"), "DataContent" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_Zhipu_cannot_do_is_refused_before_anything_is_sent(ChatOptions options, AIContent content, string named)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        Func<Task> call = () => client.GetResponseAsync([new ChatMessage(ChatRole.User, [content])], options);

        HarborException error = (await call.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain(named);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_schema_is_told_to_the_model_after_the_instructions()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);

        await client.AskAsync(options: new ChatOptions { Instructions = "Be brief.", ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "place", "A place.") });

        JsonObject sent = provider.Request();
        sent["response_format"].ShouldBe("""{"type":"json_object"}""");
        sent["messages"]!.AsArray().Should().HaveCount(2);
        string system = (string)sent["messages"]![0]!["content"]!;
        system.Should().StartWith("Be brief.\n\n").And.Contain("place (A place.)").And.EndWith(SchemaText);
    }

    [Theory]
    [InlineData("glm-5.2", "high", true)]
    [InlineData("glm-5.3-flash", "high", true)]
    [InlineData("glm-5", null, true)]
    [InlineData("GLM-4.6", null, true)]
    [InlineData("glm-4.6v-flash", null, true)]
    [InlineData("glm-4.5-air", null, false)]
    [InlineData("glm-4-flash-250414", null, false)]
    [InlineData("charglm-4", null, false)]
    public async Task Effort_and_streamed_calls_are_asked_of_the_models_that_know_them(string model, string? effort, bool streamsCalls)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ZhipuClients.Of(provider);
        var options = new ChatOptions { ModelId = "zhipu/" + model, Tools = [Weather], Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } };

        await client.UpdatesAsync(options: options);
        await client.AskAsync(options: options);

        ((string?)provider.Request(0)["reasoning_effort"]).Should().Be(effort);
        provider.Request(0)["thinking"].ShouldBe("""{"type":"enabled"}""");
        ((bool?)provider.Request(0)["tool_stream"]).Should().Be(streamsCalls ? true : null);
        provider.Request(0).Should().NotContainKey("stream_options");
        ((bool?)provider.Request(0)["stream"]).Should().BeTrue();
        provider.Request(1).Should().NotContainKeys("tool_stream", "stream");
    }

    [Fact]
    public async Task Each_attempt_of_a_call_has_a_request_id_of_its_own()
    {
        var provider = new ProviderEmulator().Then(503).ThenAnswer("fine");
        await using FastClient client = ZhipuClients.Of(provider, more: h => h.MapModel("twice", "zhipu/glm-4.7", "zhipu/glm-4.6").UseDefaultModel("twice"));

        await client.AskAsync();

        provider.Attempts.Should().HaveCount(2);
        string[] ids = [.. Enumerable.Range(0, 2).Select(attempt => provider.Body(attempt).GetProperty("request_id").GetString()!)];
        ids.Should().OnlyHaveUniqueItems().And.OnlyContain(id => id.Length >= 6 && id.Length <= 64);
    }

    [Fact]
    public async Task What_is_left_out_or_changed_is_logged()
    {
        var loggers = new ListLoggerFactory();
        await using FastClient client = ZhipuClients.Of(new ProviderEmulator(), more: h => h.UseLoggerFactory(loggers));

        await client.AskAsync(options: new ChatOptions
        {
            Temperature = 1.5f, TopP = 2, TopK = 4, FrequencyPenalty = 1, PresencePenalty = 1, AllowMultipleToolCalls = false, Tools = [Weather, new HostedCodeInterpreterTool()],
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low },
        });

        string log = string.Join('\n', loggers.Lines);
        foreach (string what in new[] { "Temperature", "TopP", "TopK", "FrequencyPenalty", "PresencePenalty", "AllowMultipleToolCalls", "HostedCodeInterpreterTool", "effort of Reasoning" })
            log.Should().MatchRegex($"zhipu/glm-4.7 was not (sent|offered the tool) .*{what}");
    }

    private static ChatOptions Thinking(ReasoningEffort effort, params (string Name, object? Value)[] more)
    {
        var options = new ChatOptions { Reasoning = new ReasoningOptions { Effort = effort }, AdditionalProperties = [] };
        foreach ((string name, object? value) in more) options.AdditionalProperties[name] = value;
        return options;
    }
}
