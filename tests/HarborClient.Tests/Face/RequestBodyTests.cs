using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;

namespace HarborClient.Tests.Face;

// A request in the neutral vocabulary, and the body it becomes: what OpenAI gets, and what a local host gets where that differs.
public sealed class RequestBodyTests
{
    private const string User = """{"role":"user","content":"hi"}""";
    private const string WeatherTool = """{"type":"function","function":{"name":"weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""";

    private static readonly JsonElement WeatherSchema = JsonDocument.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""").RootElement.Clone();
    private static readonly AIFunctionDeclaration Weather = AIFunctionFactory.CreateDeclaration("weather", "Tells the weather.", WeatherSchema);

    // Messages; the messages array expected.
    public static TheoryData<string, ChatMessage[], string> Messages => new()
    {
        { "text", [new(ChatRole.User, "hi")], $"[{User}]" },
        { "CJK, quotes and a lone surrogate", [new(ChatRole.User, "你好 \"x\" <b> \ud800!")], """[{"role":"user","content":"你好 \"x\" <b> \uFFFD!"}]""" },
        { "roles", [new(ChatRole.System, "s"), new(ChatRole.User, "u"), new(ChatRole.Assistant, "a"), new(new ChatRole("developer"), "d")], """[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"developer","content":"d"}]""" },
        { "two texts", [new(ChatRole.User, [new TextContent("a"), new TextContent("b")])], """[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]""" },
        { "image bytes", [new(ChatRole.User, [new TextContent("what?"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")])], """[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}}]}]""" },
        { "image address", [new(ChatRole.User, [new UriContent("https://example.test/a.png", "image/png")])], """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.test/a.png"}}]}]""" },
        { "image detail", [new(ChatRole.User, [new UriContent("https://example.test/a.png", "image/png") { AdditionalProperties = new() { ["detail"] = "low" } }])], """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.test/a.png","detail":"low"}}]}]""" },
        { "wav audio", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "audio/wav")])], """[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AQID","format":"wav"}}]}]""" },
        { "mp3 audio", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "audio/mpeg")])], """[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AQID","format":"mp3"}}]}]""" },
        { "file bytes", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "application/pdf") { Name = "a.pdf" }])], """[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,AQID","filename":"a.pdf"}}]}]""" },
        { "file id", [new(ChatRole.User, [new HostedFileContent("file-1")])], """[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]""" },
        { "author", [new(ChatRole.User, "hi") { AuthorName = "ann_1" }], """[{"role":"user","name":"ann_1","content":"hi"}]""" },
        { "author that OpenAI would refuse", [new(ChatRole.User, "hi") { AuthorName = "Ann Lee" }], $"[{User}]" },
        { "empty message", [new(ChatRole.User, [])], """[{"role":"user","content":""}]""" },
        { "assistant with text and calls", [new(ChatRole.Assistant, [new TextContent("Let me see."), new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Oslo", ["days"] = 2 })])], """[{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"days\":2}"}}]}]""" },
        { "assistant with calls only", [new(ChatRole.Assistant, [new FunctionCallContent("c1", "now"), new FunctionCallContent("c2", "weather", new Dictionary<string, object?>())])], """[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"now","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"weather","arguments":"{}"}}]}]""" },
        { "assistant without anything", [new(ChatRole.Assistant, [])], """[{"role":"assistant","content":""}]""" },
        { "assistant's reasoning is not sent back", [new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("a")])], """[{"role":"assistant","content":"a"}]""" },
        { "result as text", [new(ChatRole.Tool, [new FunctionResultContent("c1", "sunny")])], """[{"role":"tool","tool_call_id":"c1","content":"sunny"}]""" },
        { "result as a map", [new(ChatRole.Tool, [new FunctionResultContent("c1", new Dictionary<string, object?> { ["t"] = 21 })])], """[{"role":"tool","tool_call_id":"c1","content":"{\"t\":21}"}]""" },
        { "result as a number", [new(ChatRole.Tool, [new FunctionResultContent("c1", 21)])], """[{"role":"tool","tool_call_id":"c1","content":"21"}]""" },
        { "result as a JSON element", [new(ChatRole.Tool, [new FunctionResultContent("c1", WeatherSchema.GetProperty("required"))])], """[{"role":"tool","tool_call_id":"c1","content":"[\"city\"]"}]""" },
        { "result as a JSON text", [new(ChatRole.Tool, [new FunctionResultContent("c1", JsonDocument.Parse("\"sunny\"").RootElement)])], """[{"role":"tool","tool_call_id":"c1","content":"sunny"}]""" },
        { "result as an exception", [new(ChatRole.Tool, [new FunctionResultContent("c1", null) { Exception = new TimeoutException("too slow") }])], """[{"role":"tool","tool_call_id":"c1","content":"Error: too slow"}]""" },
        { "result that is nothing", [new(ChatRole.Tool, [new FunctionResultContent("c1", null)])], """[{"role":"tool","tool_call_id":"c1","content":""}]""" },
        { "two results", [new(ChatRole.Tool, [new FunctionResultContent("c1", "a"), new FunctionResultContent("c2", "b")])], """[{"role":"tool","tool_call_id":"c1","content":"a"},{"role":"tool","tool_call_id":"c2","content":"b"}]""" },
        { "result and question in one message", [new(ChatRole.User, [new TextContent("and?"), new FunctionResultContent("c1", "a")])], """[{"role":"tool","tool_call_id":"c1","content":"a"},{"role":"user","content":[{"type":"text","text":"and?"}]}]""" },
    };

    // Options; what OpenAI gets beside model and messages; what a local host gets, where that differs.
    public static TheoryData<string, ChatOptions, string, string?> Options => new()
    {
        { "nothing", new ChatOptions(), "{}", null },
        { "sampling", new ChatOptions { Temperature = 0.5f, TopP = 0.25f, FrequencyPenalty = 1f, PresencePenalty = -1f, Seed = 42 }, """{"temperature":0.5,"top_p":0.25,"frequency_penalty":1,"presence_penalty":-1,"seed":42}""", null },
        { "a temperature that no binary number is", new ChatOptions { Temperature = 0.7f }, """{"temperature":0.7}""", null },
        { "most tokens", new ChatOptions { MaxOutputTokens = 100 }, """{"max_completion_tokens":100}""", """{"max_tokens":100}""" },
        { "top k", new ChatOptions { TopK = 40 }, "{}", """{"top_k":40}""" },
        { "stop", new ChatOptions { StopSequences = ["a", "\n"] }, """{"stop":["a","\n"]}""", null },
        { "no stop", new ChatOptions { StopSequences = [] }, "{}", null },
        { "effort", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } }, """{"reasoning_effort":"high"}""", null },
        { "highest effort", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh } }, """{"reasoning_effort":"xhigh"}""", null },
        { "no reasoning", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } }, """{"reasoning_effort":"none"}""", null },
        { "text format", new ChatOptions { ResponseFormat = ChatResponseFormat.Text }, """{"response_format":{"type":"text"}}""", null },
        { "JSON format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, """{"response_format":{"type":"json_object"}}""", null },
        { "schema", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(WeatherSchema, "place", "A place.") }, """{"response_format":{"type":"json_schema","json_schema":{"name":"place","description":"A place.","schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}}""", null },
        { "schema without a name", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(WeatherSchema) }, """{"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}}""", null },
        { "tools", new ChatOptions { Tools = [Weather] }, $$"""{"tools":[{{WeatherTool}}]}""", null },
        { "tool mode auto", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.Auto }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"auto"}""", null },
        { "tool mode none", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.None }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"none"}""", null },
        { "tool mode any", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireAny }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"required"}""", null },
        { "tool mode specific", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireSpecific("weather") }, $$$$"""{"tools":[{{{{WeatherTool}}}}],"tool_choice":{"type":"function","function":{"name":"weather"}}}""", null },
        { "tool mode without tools", new ChatOptions { ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = true }, "{}", null },
        { "parallel calls", new ChatOptions { Tools = [Weather], AllowMultipleToolCalls = false }, $$"""{"tools":[{{WeatherTool}}],"parallel_tool_calls":false}""", null },
        { "tools of a provider's own beside a function", new ChatOptions { Tools = [new HostedWebSearchTool(), Weather] }, $$"""{"tools":[{{WeatherTool}}]}""", null },
        { "members of one's own", new ChatOptions { AdditionalProperties = new() { ["service_tier"] = "flex", ["logprobs"] = true, ["top_logprobs"] = 3, ["nothing"] = null, ["meta"] = new JsonObject { ["a"] = 1 }, ["list"] = WeatherSchema.GetProperty("required") } }, """{"service_tier":"flex","logprobs":true,"top_logprobs":3,"nothing":null,"meta":{"a":1},"list":["city"]}""", null },
        { "a member of one's own outweighs an option", new ChatOptions { Temperature = 1, Seed = 1, AdditionalProperties = new() { ["temperature"] = 0.25 } }, """{"seed":1,"temperature":0.25}""", null },
        { "a raw request", new ChatOptions { Temperature = 1, TopP = 0.5f, RawRepresentationFactory = _ => new JsonObject { ["temperature"] = 0.25, ["store"] = false, ["user"] = null } }, """{"top_p":0.5,"temperature":0.25,"store":false,"user":null}""", null },
        { "a raw request outweighs a member of one's own", new ChatOptions { AdditionalProperties = new() { ["store"] = true, ["n"] = 1 }, RawRepresentationFactory = _ => new JsonObject { ["store"] = false } }, """{"store":false,"n":1}""", null },
        { "a raw request that is null", new ChatOptions { RawRepresentationFactory = _ => null }, "{}", null },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Messages_become_what_chat_completions_want(string what, ChatMessage[] messages, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.GetResponseAsync(messages);

        provider.Body().GetProperty("messages").ShouldBeJson(expected);
        provider.Attempts[0].Path.Should().Be("/v1/chat/completions", what);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Options_become_what_each_dialect_wants(string what, ChatOptions options, string openAI, string? local)
    {
        var provider = new ProviderEmulator();
        await using FastClient first = Emulated.OpenAI(provider);
        await using FastClient second = Emulated.Local(provider);

        await first.AskAsync(options: options);
        await second.AskAsync(options: options);

        provider.Body(0).ShouldBeJson(With($$"""{"model":"gpt-4o-mini","messages":[{{User}}]}""", openAI));
        provider.Body(1).ShouldBeJson(With($$"""{"model":"small","messages":[{{User}}]}""", local ?? openAI));
        what.Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_stream_asks_for_a_stream_with_usage()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.UpdatesAsync();

        provider.Body().ShouldBeJson($$$"""{"model":"gpt-4o-mini","messages":[{{{User}}}],"stream":true,"stream_options":{"include_usage":true}}""");
    }

    [Fact]
    public async Task Instructions_come_first()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.GetResponseAsync([new(ChatRole.System, "second"), new(ChatRole.User, "hi")], new ChatOptions { Instructions = "first" });

        provider.Body().GetProperty("messages").ShouldBeJson($$"""[{"role":"system","content":"first"},{"role":"system","content":"second"},{{User}}]""");
    }

    [Fact]
    public async Task A_functions_own_type_is_written_with_the_clients_json_options()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider, h => h.UseJsonOptions(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() }));

        await client.GetResponseAsync([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", new Forecast("Oslo", 21))])], new ChatOptions { AdditionalProperties = new() { ["place"] = new Forecast("Bergen", 9) } });

        provider.Body().GetProperty("messages").ShouldBeJson("""[{"role":"tool","tool_call_id":"c1","content":"{\"city\":\"Oslo\",\"degrees\":21}"}]""");
        provider.Body().GetProperty("place").ShouldBeJson("""{"city":"Bergen","degrees":9}""");
    }

    [Fact]
    public async Task A_type_that_the_json_options_do_not_know_is_an_invalid_request_that_names_the_setting()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider, h => h.UseJsonOptions(new JsonSerializerOptions { TypeInfoResolver = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver.Combine() }));

        HarborException error = await client.FailureAsync(options: new ChatOptions { AdditionalProperties = new() { ["place"] = new Forecast("Bergen", 9) } });

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("Forecast").And.Contain("UseJsonOptions");
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("stream")]
    [InlineData("stream_options")]
    [InlineData("input")]
    public async Task What_the_client_writes_itself_is_refused(string member)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        HarborException asProperty = await client.FailureAsync(options: new ChatOptions { AdditionalProperties = new() { [member] = true } });
        HarborException asRaw = await client.FailureAsync(options: new ChatOptions { RawRepresentationFactory = _ => new JsonObject { [member] = true } });

        asProperty.Kind.Should().Be(ErrorKind.InvalidRequest);
        asProperty.Message.Should().Contain($"'{member}'");
        asRaw.Message.Should().Be(asProperty.Message);
        provider.Attempts.Should().BeEmpty();
    }

    public static TheoryData<ChatOptions, string> Refused => new()
    {
        { new ChatOptions { ConversationId = "conv_1" }, "ConversationId" },
        { new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }) }, "ContinuationToken" },
        { new ChatOptions { RawRepresentationFactory = _ => "text" }, "JsonObject" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_has_no_place_is_an_invalid_request_and_not_dropped(ChatOptions options, string named)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        HarborException error = await client.FailureAsync(options: options);

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain(named);
        error.IsTransient.Should().BeFalse();
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task An_address_of_something_that_is_no_image_is_an_invalid_request()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator());

        Func<Task> call = () => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new UriContent("https://example.test/a.pdf", "application/pdf")])]);

        (await call.Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain("application/pdf").And.Contain("DataContent");
    }

    [Fact]
    public async Task The_schema_of_a_dotnet_method_is_sent_as_its_parameters()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);
        AIFunction function = AIFunctionFactory.Create(([Description("A city.")] string city, int days = 3) => city + days, "forecast", "Tells the forecast.");

        await client.AskAsync(options: new ChatOptions { Tools = [function] });

        JsonElement sent = provider.Body().GetProperty("tools")[0].GetProperty("function");
        sent.GetProperty("name").GetString().Should().Be("forecast");
        sent.GetProperty("parameters").ShouldBeJson(function.JsonSchema.GetRawText());
    }

    [Fact]
    public async Task The_headers_of_a_request_are_these()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = Emulated.OpenAI(provider);

        await client.AskAsync();
        await client.UpdatesAsync();

        IReadOnlyDictionary<string, string> plain = provider.Attempts[0].Headers;
        plain["authorization"].Should().Be("Bearer " + Emulated.Key);
        plain["content-type"].Should().Be("application/json");
        plain["content-length"].Should().Be(provider.Attempts[0].Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        plain["accept-encoding"].Should().Be("gzip, br");
        plain["user-agent"].Should().StartWith("HarborClient/");
        provider.Attempts[1].Headers["accept"].Should().Be("text/event-stream");
        provider.Attempts[1].Headers.Should().NotContainKey("accept-encoding");
    }

    [Fact]
    public async Task A_local_host_without_a_key_gets_no_authorization_and_a_default_header_replaces_ours()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = FastClient.Create(h => h.UseDefaultModel("lab/small").AddLocal("lab", Emulated.LocalEndpoint, o =>
        {
            o.DefaultHeaders["User-Agent"] = "mine/1";
            o.DefaultHeaders["X-Team"] = "search";
            o.SendOnceThrough(provider.CreateHandler());
        }));

        await client.AskAsync();

        provider.Attempts[0].Headers.Should().NotContainKey("authorization");
        provider.Attempts[0].Headers.Should().Contain("user-agent", "mine/1").And.Contain("X-Team", "search");
    }

    private static string With(string first, string second)
    {
        JsonObject all = JsonNode.Parse(first)!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(second)!.AsObject()) all[name] = value?.DeepClone();
        return all.ToJsonString();
    }

    private sealed record Forecast(string City, int Degrees);
}
