using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.OpenAI;

// A request in the neutral vocabulary, and the body that the Responses API gets.
public sealed class ResponsesRequestTests
{
    private const string User = """{"role":"user","content":"hi"}""";
    private const string WeatherTool = """{"type":"function","name":"weather","description":"Tells the weather.","parameters":{"type":"object"},"strict":false}""";

    private static readonly JsonElement Schema = Element("""{"type":"object"}""");
    private static readonly AIFunctionDeclaration Weather = AIFunctionFactory.CreateDeclaration("weather", "Tells the weather.", Schema);
    private static readonly JsonElement Search = Element("""{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"x"}}""");

    public static TheoryData<string, ChatMessage[], string> Messages => new()
    {
        { "text", [new(ChatRole.User, "hi")], $"[{User}]" },
        { "roles", [new(ChatRole.System, "s"), new(new ChatRole("developer"), "d"), new(ChatRole.User, "u"), new(ChatRole.Assistant, "a")], """[{"role":"system","content":"s"},{"role":"developer","content":"d"},{"role":"user","content":"u"},{"role":"assistant","content":"a"}]""" },
        { "two texts", [new(ChatRole.User, [new TextContent("a"), new TextContent("b")])], """[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}]""" },
        { "image bytes", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "image/png")])], """[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AQID"}]}]""" },
        { "image address with detail", [new(ChatRole.User, [new UriContent("https://example.test/a.png", "image/png") { AdditionalProperties = new() { ["detail"] = "low" } }])], """[{"role":"user","content":[{"type":"input_image","image_url":"https://example.test/a.png","detail":"low"}]}]""" },
        { "image id", [new(ChatRole.User, [new HostedFileContent("file-1") { MediaType = "image/png" }])], """[{"role":"user","content":[{"type":"input_image","file_id":"file-1"}]}]""" },
        { "file bytes", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "application/pdf") { Name = "a.pdf" }])], """[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AQID"}]}]""" },
        { "file address", [new(ChatRole.User, [new UriContent("https://example.test/a.pdf", "application/pdf")])], """[{"role":"user","content":[{"type":"input_file","file_url":"https://example.test/a.pdf"}]}]""" },
        { "file id", [new(ChatRole.User, [new HostedFileContent("file-1")])], """[{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}]""" },
        { "nothing", [new(ChatRole.User, []), new(ChatRole.Assistant, [])], """[{"role":"user","content":""},{"role":"assistant","content":""}]""" },
        { "author", [new(ChatRole.User, "hi") { AuthorName = "ann" }], $"[{User}]" },
        { "text, call, text", [new(ChatRole.Assistant, [new TextContent("a"), new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["days"] = 2 }), new TextContent("b"), new TextContent("c")])], """[{"role":"assistant","content":"a"},{"type":"function_call","call_id":"c1","name":"weather","arguments":"{\"days\":2}"},{"role":"assistant","content":[{"type":"output_text","text":"b"},{"type":"output_text","text":"c"}]}]""" },
        { "refusal", [new(ChatRole.Assistant, [new ErrorContent("I cannot.") { ErrorCode = "Refusal" }])], """[{"role":"assistant","content":[{"type":"refusal","refusal":"I cannot."}]}]""" },
        { "result and question", [new(ChatRole.User, [new TextContent("and?"), new FunctionResultContent("c1", "sunny")])], """[{"type":"function_call_output","call_id":"c1","output":"sunny"},{"role":"user","content":[{"type":"input_text","text":"and?"}]}]""" },
        { "results", [new(ChatRole.Tool, [new FunctionResultContent("c1", 21), new FunctionResultContent("c2", null) { Exception = new TimeoutException("late") }])], """[{"type":"function_call_output","call_id":"c1","output":"21"},{"type":"function_call_output","call_id":"c2","output":"Error: late"}]""" },
        { "result that is an image", [new(ChatRole.Tool, [new FunctionResultContent("c1", new List<AIContent> { new TextContent("see"), new DataContent(new byte[] { 1 }, "image/png") })])], """[{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,AQ=="}]}]""" },
        { "reasoning that can be sent back", [new(ChatRole.Assistant, [new TextReasoningContent("hm") { ProtectedData = "gAAAAx" }, new FunctionCallContent("c1", "now")])], """[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAAAx"},{"type":"function_call","call_id":"c1","name":"now","arguments":"{}"}]""" },
        { "reasoning that nothing follows", [new(ChatRole.Assistant, [new TextContent("a"), new TextReasoningContent("hm") { ProtectedData = "gAAAAx" }])], """[{"role":"assistant","content":"a"}]""" },
        { "reasoning without its protected form", [new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("a")])], """[{"role":"assistant","content":"a"}]""" },
        { "reasoning of another provider", [new(ChatRole.Assistant, [new TextReasoningContent("hm") { ProtectedData = "EqQBCgIYAh" }, new TextContent("a")])], """[{"role":"assistant","content":"a"}]""" },
        { "an item of the provider's own", [new(ChatRole.Assistant, [new AIContent { AdditionalProperties = new() { ["openai.item"] = Search } }, new TextContent("a")])], $$"""[{{Search.GetRawText()}},{"role":"assistant","content":"a"}]""" },
        { "an item of another provider's", [new(ChatRole.Assistant, [new AIContent { RawRepresentation = Search }, new TextContent("a")])], """[{"role":"assistant","content":"a"}]""" },
        { "an approval", [new(ChatRole.User, [new ToolApprovalRequestContent("mcpr_1", new McpServerToolCallContent("mcpr_1", "shorten", "zip")).CreateResponse(false, "no")])], """[{"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":false,"reason":"no"}]""" },
        { "an image of the model's own", [new(ChatRole.Assistant, [new DataContent(new byte[] { 1, 2, 3 }, "image/png") { AdditionalProperties = new() { ["openai.item"] = Element("""{"id":"ig_1","type":"image_generation_call"}""") } }])], """[{"id":"ig_1","type":"image_generation_call","result":"AQID"}]""" },
        { "usage among contents", [new(ChatRole.Assistant, [new TextContent("a"), new UsageContent(new UsageDetails())])], """[{"role":"assistant","content":"a"}]""" },
    };

    // Options; what is sent beside model and input.
    public static TheoryData<string, ChatOptions, string> Options => new()
    {
        { "nothing", new ChatOptions(), "{}" },
        { "instructions", new ChatOptions { Instructions = "Be brief." }, """{"instructions":"Be brief."}""" },
        { "sampling", new ChatOptions { Temperature = 0.5f, TopP = 0.25f, MaxOutputTokens = 100 }, """{"temperature":0.5,"top_p":0.25,"max_output_tokens":100}""" },
        { "what has no place", new ChatOptions { StopSequences = ["x"], Seed = 1, TopK = 4, FrequencyPenalty = 1, PresencePenalty = 1 }, "{}" },
        { "background is a permission", new ChatOptions { AllowBackgroundResponses = true }, "{}" },
        { "effort asks for what can be sent back", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } }, """{"reasoning":{"effort":"high"},"include":["reasoning.encrypted_content"]}""" },
        { "no effort", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } }, """{"reasoning":{"effort":"none"}}""" },
        { "effort and summary", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh, Output = ReasoningOutput.Full } }, """{"reasoning":{"effort":"xhigh","summary":"detailed"},"include":["reasoning.encrypted_content"]}""" },
        { "summary", new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.Summary } }, """{"reasoning":{"summary":"auto"}}""" },
        { "no summary", new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.None } }, "{}" },
        { "previous response", new ChatOptions { ConversationId = "resp_7", Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low } }, """{"previous_response_id":"resp_7","reasoning":{"effort":"low"}}""" },
        { "conversation", new ChatOptions { ConversationId = "conv_7" }, """{"conversation":"conv_7"}""" },
        { "text format", new ChatOptions { ResponseFormat = ChatResponseFormat.Text }, """{"text":{"format":{"type":"text"}}}""" },
        { "JSON format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, """{"text":{"format":{"type":"json_object"}}}""" },
        { "schema", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "place", "A place.") }, """{"text":{"format":{"type":"json_schema","name":"place","description":"A place.","schema":{"type":"object"}}}}""" },
        { "a format of one's own", new ChatOptions { ResponseFormat = ChatResponseFormat.Json, AdditionalProperties = new() { ["text"] = new JsonObject { ["verbosity"] = "low" } } }, """{"text":{"verbosity":"low"}}""" },
        { "function", new ChatOptions { Tools = [Weather], AllowMultipleToolCalls = false, ToolMode = ChatToolMode.Auto }, $$"""{"tools":[{{WeatherTool}}],"parallel_tool_calls":false,"tool_choice":"auto"}""" },
        { "no tool now", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.None }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"none"}""" },
        { "any tool", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireAny }, $$"""{"tools":[{{WeatherTool}}],"tool_choice":"required"}""" },
        { "this function", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireSpecific("weather") }, $$$$"""{"tools":[{{{{WeatherTool}}}}],"tool_choice":{"type":"function","name":"weather"}}""" },
        { "this tool of the provider's", new ChatOptions { Tools = [new HostedWebSearchTool()], ToolMode = ChatToolMode.RequireSpecific("web_search") }, """{"tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}}""" },
        { "strict function", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, new AIFunctionFactoryOptions { Name = "one", AdditionalProperties = new Dictionary<string, object?> { ["strict"] = true } })] }, """{"tools":[{"type":"function","name":"one","parameters":{"type":"object","properties":{}},"strict":true}]}""" },
        { "web search with members", new ChatOptions { Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["search_context_size"] = "low" }), Weather] }, $$"""{"tools":[{"type":"web_search","search_context_size":"low"},{{WeatherTool}}]}""" },
        { "file search", new ChatOptions { Tools = [new HostedFileSearchTool { MaximumResultCount = 3, Inputs = [new HostedVectorStoreContent("vs_1")] }] }, """{"tools":[{"type":"file_search","max_num_results":3,"vector_store_ids":["vs_1"]}]}""" },
        { "code interpreter", new ChatOptions { Tools = [new HostedCodeInterpreterTool { Inputs = [new HostedFileContent("file-1")] }] }, """{"tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":["file-1"]}}]}""" },
        { "image generation", new ChatOptions { Tools = [new HostedImageGenerationTool { Options = new ImageGenerationOptions { ImageSize = new System.Drawing.Size(64, 32), MediaType = "image/webp", StreamingCount = 2 } }] }, """{"tools":[{"type":"image_generation","size":"64x32","output_format":"webp","partial_images":2}]}""" },
        { "MCP server", new ChatOptions { Tools = [new HostedMcpServerTool("zip", new Uri("https://zip.test/mcp")) { ServerDescription = "Short", AllowedTools = ["a"], ApprovalMode = HostedMcpServerToolApprovalMode.NeverRequire, Headers = new Dictionary<string, string> { ["X-A"] = "1" } }] }, """{"tools":[{"type":"mcp","server_label":"zip","server_url":"https://zip.test/mcp","server_description":"Short","allowed_tools":["a"],"headers":{"X-A":"1"},"require_approval":"never"}]}""" },
        { "connector", new ChatOptions { Tools = [new HostedMcpServerTool("mail", "connector_gmail") { ApprovalMode = HostedMcpServerToolApprovalMode.RequireSpecific(["send"], ["read"]) }] }, """{"tools":[{"type":"mcp","server_label":"mail","connector_id":"connector_gmail","require_approval":{"always":{"tool_names":["send"]},"never":{"tool_names":["read"]}}}]}""" },
        { "members of one's own", new ChatOptions { AdditionalProperties = new() { ["store"] = false, ["service_tier"] = "flex", ["top_logprobs"] = 2, ["include"] = new JsonArray("message.output_text.logprobs"), ["metadata"] = new JsonObject { ["a"] = "1" } } }, """{"store":false,"service_tier":"flex","top_logprobs":2,"include":["message.output_text.logprobs"],"metadata":{"a":"1"}}""" },
        { "a raw request", new ChatOptions { Temperature = 1, ConversationId = "resp_7", RawRepresentationFactory = _ => new JsonObject { ["temperature"] = 0.25, ["previous_response_id"] = "resp_8" } }, """{"temperature":0.25,"previous_response_id":"resp_8"}""" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Messages_become_input_items(string what, ChatMessage[] messages, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        await client.GetResponseAsync(messages);

        provider.Body().GetProperty("input").ShouldBeJson(expected);
        provider.Attempts[0].Path.Should().Be("/v1/responses", what);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Options_become_members(string what, ChatOptions options, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        await client.AskAsync(options: options);

        JsonObject all = JsonNode.Parse($$"""{"model":"gpt-4o-mini","input":[{{User}}]}""")!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse(expected)!.AsObject()) all[name] = value?.DeepClone();
        provider.Body().ShouldBeJson(all.ToJsonString());
        what.Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_stream_asks_for_a_stream_and_nothing_else()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        await client.UpdatesAsync();

        provider.Body().ShouldBeJson($$"""{"model":"gpt-4o-mini","input":[{{User}}],"stream":true}""");
    }

    [Theory]
    [InlineData("openai/gpt-5-mini", true)]
    [InlineData("openai/o3", true)]
    [InlineData("openai/gpt-5-chat-latest", false)]
    [InlineData("openai/gpt-4.1", false)]
    public async Task A_model_that_thinks_is_asked_for_reasoning_that_can_be_sent_back(string model, bool isAsked)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        await client.AskAsync(options: new ChatOptions { ModelId = model });

        provider.Body().TryGetProperty("include", out _).Should().Be(isAsked);
    }

    public static TheoryData<ChatOptions, string> Refused => new()
    {
        { new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }) }, "ContinuationToken" },
        { new ChatOptions { Tools = [new HostedFileSearchTool()] }, "HostedVectorStoreContent" },
        { new ChatOptions { AdditionalProperties = new() { ["input"] = "x" } }, "'input'" },
        { new ChatOptions { RawRepresentationFactory = _ => "text" }, "JsonObject" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_would_change_the_meaning_is_refused_before_anything_is_sent(ChatOptions options, string named)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        HarborException error = await client.FailureAsync(options: options);

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain(named);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("audio/wav")]
    [InlineData("video/mp4")]
    public async Task Sound_and_video_are_refused(string type)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ResponsesClients.Of(provider);

        Func<Task> call = () => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, type)])]);

        (await call.Should().ThrowAsync<HarborException>()).Which.Message.Should().Contain(type);
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_left_out_is_logged()
    {
        var logs = new ListLoggerFactory();
        await using FastClient client = ResponsesClients.Of(new ProviderEmulator(), h => h.UseLoggerFactory(logs));

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("a")])], new ChatOptions { Seed = 7 });

        string.Join('\n', logs.Lines).Should().Contain("Seed").And.Contain("TextReasoningContent");
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(OpenAIApi.Responses, true)]
    [InlineData(OpenAIApi.ChatCompletions, false)]
    public async Task A_call_chooses_its_interface(OpenAIApi? api, bool isResponses)
    {
        var provider = new ProviderEmulator();
        await using FastClient openAI = Emulated.OpenAI(provider);
        await using FastClient local = Emulated.Local(provider);

        (await openAI.AskAsync(options: new HarborChatOptions { OpenAIApi = api })).Text.Should().Be("You said: hi");
        (await local.UpdatesAsync(options: new HarborChatOptions { OpenAIApi = api })).ToHarborResponse().Text.Should().Be("You said: hi");

        provider.Attempts.Select(attempt => attempt.Path.EndsWith("/responses", StringComparison.Ordinal)).Should().OnlyContain(used => used == isResponses);
    }

    [Fact]
    public async Task A_local_host_speaks_it_as_its_own_and_is_not_asked_for_encrypted_reasoning()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = TestClients.Local(provider, TimeProvider.System, options: o => o.Api = OpenAIApi.Responses);

        await client.AskAsync(options: new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low } });

        provider.Attempts[0].Path.Should().Be("/v1/responses");
        provider.Body().ShouldBeJson($$$"""{"model":"model","input":[{{{User}}}],"reasoning":{"effort":"low"}}""");
    }

    private static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
