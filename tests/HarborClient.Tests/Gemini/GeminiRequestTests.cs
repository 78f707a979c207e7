using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Gemini;

// A request in the neutral vocabulary, and the body that Gemini gets.
public sealed class GeminiRequestTests
{
    private const string Hi = """{"role":"user","parts":[{"text":"hi"}]}""";
    private const string WeatherTool = """{"name":"weather","description":"Tells the weather.","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}}""";

    private static readonly AIFunctionDeclaration Weather =
        AIFunctionFactory.CreateDeclaration("weather", "Tells the weather.", GeminiClients.Json("""{"type":"object","properties":{"city":{"type":"string"}}}"""));

    private static readonly FunctionCallContent Call = new("c1", "weather", new Dictionary<string, object?> { ["city"] = "Oslo" });
    private static readonly FunctionCallContent CallWithoutId = new("harbor_call_1", "now");

    private const string CallPart = """{"functionCall":{"id":"c1","name":"weather","args":{"city":"Oslo"}}}""";

    // Messages; the contents expected.
    public static TheoryData<string, ChatMessage[], string> Messages => new()
    {
        { "text", [new(ChatRole.User, "hi")], $"[{Hi}]" },
        { "roles", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, "ho"), new(ChatRole.User, "he")], $$"""[{{Hi}},{"role":"model","parts":[{"text":"ho"}]},{"role":"user","parts":[{"text":"he"}]}]""" },
        { "neighbours of one role are one turn", [new(ChatRole.User, "hi"), new(ChatRole.User, "there"), new(ChatRole.Assistant, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "hi")], $$"""[{"role":"user","parts":[{"text":"hi"},{"text":"there"}]},{"role":"model","parts":[{"text":"a"},{"text":"b"}]},{{Hi}}]""" },
        { "empty texts and messages", [new(ChatRole.User, [new TextContent(""), new TextContent("hi")]), new(ChatRole.Assistant, [])], $"[{Hi}]" },
        { "image bytes", [new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "image/png")])], """[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AQID"}}]}]""" },
        { "audio and video", [new(ChatRole.User, [new DataContent(new byte[] { 1 }, "audio/wav"), new DataContent(new byte[] { 2 }, "video/mp4")])], """[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":"AQ=="}},{"inlineData":{"mimeType":"video/mp4","data":"Ag=="}}]}]""" },
        { "address", [new(ChatRole.User, [new UriContent("gs://bucket/a.pdf", "application/pdf")])], """[{"role":"user","parts":[{"fileData":{"mimeType":"application/pdf","fileUri":"gs://bucket/a.pdf"}}]}]""" },
        { "file by name", [new(ChatRole.User, [new HostedFileContent("files/abc") { MediaType = "text/plain" }])], """[{"role":"user","parts":[{"fileData":{"mimeType":"text/plain","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}]}]""" },
        { "file by id", [new(ChatRole.User, [new HostedFileContent("abc")])], """[{"role":"user","parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}]}]""" },
        { "file by address", [new(ChatRole.User, [new HostedFileContent("https://files.test/abc")])], """[{"role":"user","parts":[{"fileData":{"fileUri":"https://files.test/abc"}}]}]""" },
        { "thoughts are not sent back", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("a")])], $$"""[{{Hi}},{"role":"model","parts":[{"text":"a"}]}]""" },
        { "usage and errors are no content", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, [new TextContent("a"), new UsageContent(), new ErrorContent("no")])], $$"""[{{Hi}},{"role":"model","parts":[{"text":"a"}]}]""" },
        { "call and result", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, [Call]), new(ChatRole.Tool, [new FunctionResultContent("c1", "sunny")])], $$$$$"""[{{{{{Hi}}}}},{"role":"model","parts":[{{{{{CallPart}}}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"weather","response":{"output":"sunny"}}}]}]""" },
        { "an id that we made up", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, [CallWithoutId]), new(ChatRole.Tool, [new FunctionResultContent("harbor_call_1", 12)])], $$$$$"""[{{{{{Hi}}}}},{"role":"model","parts":[{"functionCall":{"name":"now","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"now","response":{"output":12}}}]}]""" },
        { "results of parallel calls", [new(ChatRole.User, "hi"), new(ChatRole.Assistant, [Call, CallWithoutId]), new(ChatRole.Tool, [new FunctionResultContent("c1", "a")]), new(ChatRole.Tool, [new FunctionResultContent("harbor_call_1", "b")])], $$$$$"""[{{{{{Hi}}}}},{"role":"model","parts":[{{{{{CallPart}}}}},{"functionCall":{"name":"now","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"weather","response":{"output":"a"}}},{"functionResponse":{"name":"now","response":{"output":"b"}}}]}]""" },
    };

    // A function's result; the response expected.
    public static TheoryData<string, object?, string> Results => new()
    {
        { "map", new Dictionary<string, object?> { ["t"] = 21 }, """{"response":{"t":21}}""" },
        { "JSON object", GeminiClients.Json("""{"t":[1]}"""), """{"response":{"t":[1]}}""" },
        { "JSON list", GeminiClients.Json("[1,2]"), """{"response":{"output":[1,2]}}""" },
        { "JSON text", GeminiClients.Json("\"x\""), """{"response":{"output":"x"}}""" },
        { "text that looks like JSON", """{"a":1}""", """{"response":{"output":"{\"a\":1}"}}""" },
        { "nothing", null, """{"response":{"output":null}}""" },
        { "text content", new TextContent("x"), """{"response":{"output":"x"}}""" },
        { "image", new AIContent[] { new TextContent("a chart"), new DataContent(new byte[] { 1, 2, 3 }, "image/png") }, """{"response":{"output":"a chart"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AQID"}}]}""" },
    };

    // Options; the members expected beside the contents.
    public static TheoryData<string, ChatOptions, string> Options => new()
    {
        { "nothing", new ChatOptions(), """{"generationConfig":{}}""" },
        { "instructions", new ChatOptions { Instructions = "Be brief." }, """{"systemInstruction":{"parts":[{"text":"Be brief."}]},"generationConfig":{}}""" },
        { "sampling", new ChatOptions { Temperature = 0.7f, TopP = 0.25f, TopK = 40, FrequencyPenalty = 1f, PresencePenalty = -1f, Seed = 42 }, """{"generationConfig":{"temperature":0.7,"topP":0.25,"topK":40,"frequencyPenalty":1,"presencePenalty":-1,"seed":42}}""" },
        { "most tokens and stop", new ChatOptions { MaxOutputTokens = 100, StopSequences = ["a", "\n"] }, """{"generationConfig":{"maxOutputTokens":100,"stopSequences":["a","\n"]}}""" },
        { "text format", new ChatOptions { ResponseFormat = ChatResponseFormat.Text }, """{"generationConfig":{}}""" },
        { "JSON format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, """{"generationConfig":{"responseMimeType":"application/json"}}""" },
        { "schema", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(GeminiClients.Json("""{"type":"object"}"""), "x") }, """{"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}""" },
        { "tools", new ChatOptions { Tools = [Weather] }, $$"""{"generationConfig":{},"tools":[{"functionDeclarations":[{{WeatherTool}}]}]}""" },
        { "tool mode auto", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.Auto }, Mode("""{"mode":"AUTO"}""") },
        { "tool mode none", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.None }, Mode("""{"mode":"NONE"}""") },
        { "tool mode any", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireAny }, Mode("""{"mode":"ANY"}""") },
        { "tool mode specific", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.RequireSpecific("weather") }, Mode("""{"mode":"ANY","allowedFunctionNames":["weather"]}""") },
        { "tool mode without tools", new ChatOptions { ToolMode = ChatToolMode.RequireAny }, """{"generationConfig":{}}""" },
        { "no parallel calls", new ChatOptions { Tools = [Weather], AllowMultipleToolCalls = false }, $$"""{"generationConfig":{},"tools":[{"functionDeclarations":[{{WeatherTool}}]}]}""" },
        { "tools of Google's own", new ChatOptions { Tools = [new HostedWebSearchTool(), Weather, new HostedCodeInterpreterTool()] }, $$$$$"""{"generationConfig":{},"tools":[{"functionDeclarations":[{{{{{WeatherTool}}}}}]},{"googleSearch":{}},{"codeExecution":{}}]}""" },
        { "file search", new ChatOptions { Tools = [new HostedFileSearchTool { Inputs = [new HostedVectorStoreContent("fileSearchStores/s")], MaximumResultCount = 3 }] }, """{"generationConfig":{},"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s"],"topK":3}}]}""" },
        { "tools it has not", new ChatOptions { Tools = [new HostedImageGenerationTool()] }, """{"generationConfig":{}}""" },
        { "members of the request", new ChatOptions { AdditionalProperties = new() { ["cachedContent"] = "cachedContents/x", ["safetySettings"] = GeminiClients.Json("[]"), ["harbor.tenant"] = "acme" } }, """{"generationConfig":{},"cachedContent":"cachedContents/x","safetySettings":[]}""" },
        { "generationConfig is merged", new ChatOptions { Temperature = 1, TopP = 0.5f, AdditionalProperties = new() { ["generationConfig"] = new JsonObject { ["temperature"] = 0, ["candidateCount"] = 2 } } }, """{"generationConfig":{"temperature":0,"candidateCount":2,"topP":0.5}}""" },
        { "generationConfig as a map", new ChatOptions { TopK = 1, AdditionalProperties = new() { ["generationConfig"] = new Dictionary<string, object?> { ["mediaResolution"] = "LOW" } } }, """{"generationConfig":{"topK":1,"mediaResolution":"LOW"}}""" },
        { "a raw request", new ChatOptions { Temperature = 1, Tools = [Weather], RawRepresentationFactory = _ => new JsonObject { ["tools"] = new JsonArray(new JsonObject { ["urlContext"] = new JsonObject() }), ["generationConfig"] = new JsonObject { ["logprobs"] = 2 } } }, """{"generationConfig":{"temperature":1,"logprobs":2},"tools":[{"urlContext":{}}]}""" },
    };

    // Model, effort, output; the thinkingConfig expected.
    public static TheoryData<string, ReasoningEffort?, ReasoningOutput?, string?> Thinking => new()
    {
        { "gemini-2.5-flash", ReasoningEffort.None, null, """{"thinkingBudget":0}""" },
        { "gemini-2.5-flash", ReasoningEffort.Low, ReasoningOutput.Summary, """{"includeThoughts":true,"thinkingBudget":1024}""" },
        { "gemini-2.5-flash", ReasoningEffort.ExtraHigh, ReasoningOutput.None, """{"includeThoughts":false,"thinkingBudget":24576}""" },
        { "models/gemini-2.5-pro", ReasoningEffort.None, null, """{"thinkingBudget":128}""" },
        { "gemini-2.5-pro", ReasoningEffort.ExtraHigh, null, """{"thinkingBudget":32768}""" },
        { "gemini-2.5-pro", null, ReasoningOutput.Full, """{"includeThoughts":true}""" },
        { "gemini-3-flash-preview", ReasoningEffort.None, null, """{"thinkingLevel":"minimal"}""" },
        { "gemini-3.1-pro-preview", ReasoningEffort.None, null, """{"thinkingLevel":"low"}""" },
        { "gemini-3.1-pro-preview", ReasoningEffort.Medium, null, """{"thinkingLevel":"medium"}""" },
        { "gemini-3.5-flash", ReasoningEffort.ExtraHigh, null, """{"thinkingLevel":"high"}""" },
        { "gemini-flash-latest", ReasoningEffort.High, null, """{"thinkingLevel":"high"}""" },
        { "gemini-2.0-flash", ReasoningEffort.High, ReasoningOutput.Full, null },
        { "gemini-2.5-flash", null, null, null },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Messages_become_contents(string name, ChatMessage[] messages, string expected)
    {
        JsonElement body = await SentAsync(messages);

        body.GetProperty("contents").ShouldBeJson(expected);
        name.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Results))]
    public async Task A_functions_result_is_an_object_on_the_wire(string name, object? result, string expected)
    {
        JsonElement body = await SentAsync([new(ChatRole.User, "hi"), new(ChatRole.Assistant, [Call]), new(ChatRole.Tool, [new FunctionResultContent("c1", result)])]);

        JsonObject response = JsonNode.Parse(body.GetProperty("contents")[2].GetProperty("parts")[0].GetProperty("functionResponse").GetRawText())!.AsObject();
        response.Remove("id").Should().BeTrue();
        response.Remove("name").Should().BeTrue();
        JsonNode.DeepEquals(response, JsonNode.Parse(expected)).Should().BeTrue("{0}: {1}", name, response);
    }

    [Fact]
    public async Task A_function_that_failed_sends_its_error()
    {
        JsonElement body = await SentAsync([new(ChatRole.User, "hi"), new(ChatRole.Assistant, [Call]), new(ChatRole.Tool, [new FunctionResultContent("c1", null) { Exception = new TimeoutException("too slow") }])]);

        body.GetProperty("contents")[2].GetProperty("parts")[0].GetProperty("functionResponse").GetProperty("response").ShouldBeJson("""{"error":"too slow"}""");
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Options_become_members(string name, ChatOptions options, string expected)
    {
        JsonElement body = await SentAsync([new(ChatRole.User, "hi")], options);

        JsonObject rest = JsonNode.Parse(body.GetRawText())!.AsObject();
        rest.Remove("contents").Should().BeTrue();
        JsonNode.DeepEquals(rest, JsonNode.Parse(expected)).Should().BeTrue("{0}:\n{1}\nis expected, this was sent:\n{2}", name, expected, rest);
    }

    [Theory]
    [MemberData(nameof(Thinking))]
    public async Task Reasoning_is_a_budget_or_a_level_as_the_model_has_it(string model, ReasoningEffort? effort, ReasoningOutput? output, string? expected)
    {
        JsonElement body = await SentAsync([new(ChatRole.User, "hi")], new ChatOptions { ModelId = "gemini/" + model, Reasoning = new ReasoningOptions { Effort = effort, Output = output } });

        bool isSent = body.GetProperty("generationConfig").TryGetProperty("thinkingConfig", out JsonElement config);
        isSent.Should().Be(expected is not null);
        if (isSent) config.ShouldBeJson(expected!);
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:")]
    [InlineData("models/gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash:")]
    [InlineData("tunedModels/my-model", "/v1beta/tunedModels/my-model:")]
    [InlineData("odd/../name?x#y", "/v1beta/models/odd%2F..%2Fname%3Fx%23y:")]
    public async Task The_model_is_in_the_address(string model, string expected)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);

        await client.AskAsync(options: new ChatOptions { ModelId = "gemini/" + model });
        await client.UpdatesAsync(options: new ChatOptions { ModelId = "gemini/" + model });

        provider.Attempts[0].Path.Should().Be(expected + "generateContent");
        provider.Attempts[1].Path.Should().Be(expected + "streamGenerateContent?alt=sse");
        provider.Attempts[0].Headers["x-goog-api-key"].Should().Be(Emulated.Key);
        provider.Attempts[0].Headers.Should().NotContainKey("Authorization");
    }

    [Fact]
    public async Task Embeddings_are_a_batch_with_dimensions_and_task_type()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);

        var vectors = await client.GenerateAsync(["a", "b"], new EmbeddingGenerationOptions { Dimensions = 4, AdditionalProperties = new() { ["taskType"] = "CLUSTERING" } });

        provider.Attempts[0].Path.Should().Be("/v1beta/models/gemini-embedding-001:batchEmbedContents");
        provider.Body().ShouldBeJson("""{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"outputDimensionality":4,"taskType":"CLUSTERING"},{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}]},"outputDimensionality":4,"taskType":"CLUSTERING"}]}""");
        vectors.Should().HaveCount(2).And.OnlyContain(vector => vector.Vector.Length == 4);
        vectors[0].Vector.ToArray().Should().NotEqual(vectors[1].Vector.ToArray());
        vectors.Usage!.InputTokenCount.Should().BePositive();
    }

    [Fact]
    public async Task Defaults_fill_in()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider, options: o => (o.DefaultTemperature, o.DefaultMaxOutputTokens) = (0.5f, 77));

        await client.AskAsync();

        provider.Body().GetProperty("generationConfig").ShouldBeJson("""{"temperature":0.5,"maxOutputTokens":77}""");
    }

    private static string Mode(string mode) => $$$"""{"generationConfig":{},"tools":[{"functionDeclarations":[{{{WeatherTool}}}]}],"toolConfig":{"functionCallingConfig":{{{mode}}}}}""";

    private static async Task<JsonElement> SentAsync(ChatMessage[] messages, ChatOptions? options = null)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = GeminiClients.Create(provider);
        await client.GetResponseAsync(messages, options);
        client.Outstanding().Should().Be(Outstanding.None);
        return provider.Body();
    }
}
