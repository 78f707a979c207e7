using System.Text.Json;
using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// What options become on the wire: the members beyond model and messages.
public sealed class ClaudeRequestTests
{
    private const string Weather = """{"name":"weather","description":"Says it.","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}""";
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""";

    private static readonly AITool Function = AIFunctionFactory.CreateDeclaration("weather", "Says it.", JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    public static TheoryData<string, ChatOptions, string> Rows => new()
    {
        { "nothing", new(), """{"max_tokens":16000}""" },
        { "an older model", new() { ModelId = "claude/claude-3-haiku-20240307" }, """{"max_tokens":4096}""" },
        { "Claude 3.5", new() { ModelId = "claude/claude-3-5-sonnet-20241022" }, """{"max_tokens":8192}""" },
        { "a model that nobody knows", new() { ModelId = "claude/glm-4.6" }, """{"max_tokens":16000}""" },
        { "maximum", new() { MaxOutputTokens = 10 }, """{"max_tokens":10}""" },
        { "temperature, top_p, top_k", new() { Temperature = 0.5f, TopP = 0.25f, TopK = 5 }, """{"max_tokens":16000,"temperature":0.5,"top_p":0.25,"top_k":5}""" },
        { "stop sequences", new() { StopSequences = ["a", "b"] }, """{"max_tokens":16000,"stop_sequences":["a","b"]}""" },
        { "settings it has not", new() { Seed = 1, FrequencyPenalty = 1, PresencePenalty = 1 }, """{"max_tokens":16000}""" },
        { "instructions", new() { Instructions = "Be brief." }, """{"max_tokens":16000,"system":[{"type":"text","text":"Be brief."}]}""" },
        { "JSON schema", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema)) },
            $$$$"""{"max_tokens":16000,"output_config":{"format":{"type":"json_schema","schema":{{{{Schema}}}}}}}""" },
        { "JSON without a schema", new() { ResponseFormat = ChatResponseFormat.Json },
            """{"max_tokens":16000,"system":[{"type":"text","text":"Answer with one JSON value and nothing else: no introduction, no explanation, no code fence."}]}""" },
        { "text", new() { ResponseFormat = ChatResponseFormat.Text }, """{"max_tokens":16000}""" },
        { "a function", new() { Tools = [Function] }, $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}]}""" },
        { "tools, auto", new() { Tools = [Function], ToolMode = ChatToolMode.Auto }, $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}],"tool_choice":{"type":"auto"}}""" },
        { "tools, required", new() { Tools = [Function], ToolMode = ChatToolMode.RequireAny }, $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}],"tool_choice":{"type":"any"}}""" },
        { "tools, one", new() { Tools = [Function], ToolMode = ChatToolMode.RequireSpecific("weather") },
            $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}],"tool_choice":{"type":"tool","name":"weather"}}""" },
        { "tools, none", new() { Tools = [Function], ToolMode = ChatToolMode.None, AllowMultipleToolCalls = false },
            $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}],"tool_choice":{"type":"none"}}""" },
        { "one call at a time", new() { Tools = [Function], AllowMultipleToolCalls = false },
            $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}""" },
        { "a tool mode without tools", new() { ToolMode = ChatToolMode.RequireAny }, """{"max_tokens":16000}""" },
        { "web search", new() { Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["max_uses"] = 3 })] },
            """{"max_tokens":16000,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":3}]}""" },
        { "code interpreter", new() { Tools = [new HostedCodeInterpreterTool()] }, """{"max_tokens":16000,"tools":[{"type":"code_execution_20250825","name":"code_execution"}]}""" },
        { "a newer type of a tool", new() { Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["type"] = "web_search_20991231" })] },
            """{"max_tokens":16000,"tools":[{"type":"web_search_20991231","name":"web_search"}]}""" },
        { "file search", new() { Tools = [new HostedFileSearchTool(), Function] }, $$$$"""{"max_tokens":16000,"tools":[{{{{Weather}}}}]}""" },
        { "MCP", new() { Tools = [new HostedMcpServerTool("docs", new Uri("https://mcp.test/sse")) { AllowedTools = ["find"], ApprovalMode = HostedMcpServerToolApprovalMode.NeverRequire, Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer t" } }] },
            """{"max_tokens":16000,"tools":[{"type":"mcp_toolset","mcp_server_name":"docs","default_config":{"enabled":false},"configs":{"find":{"enabled":true}}}],"mcp_servers":[{"type":"url","url":"https://mcp.test/sse","name":"docs","authorization_token":"t"}]}""" },
        { "no reasoning", new() { Reasoning = new() { Effort = ReasoningEffort.None } }, """{"max_tokens":16000,"thinking":{"type":"disabled"}}""" },
        { "low effort, a budget", new() { Reasoning = new() { Effort = ReasoningEffort.Low } }, """{"max_tokens":16000,"thinking":{"type":"enabled","budget_tokens":2048}}""" },
        { "high effort, a budget", new() { Reasoning = new() { Effort = ReasoningEffort.High } }, """{"max_tokens":24000,"stream":true,"thinking":{"type":"enabled","budget_tokens":16000}}""" },
        { "a budget within the maximum", new() { MaxOutputTokens = 2000, Reasoning = new() { Effort = ReasoningEffort.High } },
            """{"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1600}}""" },
        { "the least budget", new() { MaxOutputTokens = 1025, Temperature = 1, Reasoning = new() { Effort = ReasoningEffort.Low } },
            """{"max_tokens":1025,"temperature":1,"thinking":{"type":"enabled","budget_tokens":1024}}""" },
        { "effort, a newer model", new() { ModelId = ClaudeClients.NewerModel, Reasoning = new() { Effort = ReasoningEffort.ExtraHigh, Output = ReasoningOutput.Summary } },
            """{"max_tokens":16000,"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"xhigh"}}""" },
        { "effort and a schema", new() { ModelId = "claude/claude-sonnet-4-6", Reasoning = new() { Effort = ReasoningEffort.ExtraHigh, Output = ReasoningOutput.None }, ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema)) },
            $$$$"""{"max_tokens":16000,"thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{{{{Schema}}}}}}}""" },
        { "reasoning of a model without", new() { ModelId = "claude/claude-3-5-haiku-20241022", Reasoning = new() { Effort = ReasoningEffort.High } }, """{"max_tokens":8192}""" },
        { "what passes through", new() { AdditionalProperties = new() { ["metadata"] = new JsonObject { ["user_id"] = "u" }, ["service_tier"] = "auto", ["max_tokens"] = 7, ["harbor.tenant"] = "t", ["betas"] = "x-1" } },
            """{"max_tokens":7,"metadata":{"user_id":"u"},"service_tier":"auto"}""" },
        { "what the raw factory gives", new() { Temperature = 0.5f, RawRepresentationFactory = _ => new JsonObject { ["temperature"] = 0.25, ["thinking"] = new JsonObject { ["type"] = "disabled" } } },
            """{"max_tokens":16000,"temperature":0.25,"thinking":{"type":"disabled"}}""" },
        { "a long answer is streamed", new() { MaxOutputTokens = 21_334 }, """{"max_tokens":21334,"stream":true}""" },
        { "one that is not", new() { MaxOutputTokens = 21_333 }, """{"max_tokens":21333}""" },
        { "Opus 4 answers longer in a stream", new() { ModelId = "claude/claude-opus-4-20250514", MaxOutputTokens = 8193 }, """{"max_tokens":8193,"stream":true}""" },
    };

    public static TheoryData<string, ChatOptions, string> Refusals => new()
    {
        { "conversation", new() { ConversationId = "c" }, "*ConversationId*" },
        { "temperature over 1", new() { Temperature = 1.5f }, "*Temperature must be 0 to 1*" },
        { "temperature that is none", new() { Temperature = float.NaN }, "*Temperature must be 0 to 1*" },
        { "thinking with a temperature", new() { Temperature = 0.5f, Reasoning = new() { Effort = ReasoningEffort.Low } }, "*Temperature must be 1 or unset*" },
        { "thinking with top_k", new() { TopK = 5, Reasoning = new() { Effort = ReasoningEffort.Low } }, "*TopK must be unset*" },
        { "thinking with a forced tool", new() { Tools = [Function], ToolMode = ChatToolMode.RequireAny, Reasoning = new() { Effort = ReasoningEffort.Low } }, "*ToolMode must be Auto or None*" },
        { "no room for thinking", new() { MaxOutputTokens = 1024, Reasoning = new() { Effort = ReasoningEffort.Low } }, "*MaxOutputTokens over 1,024*" },
        { "approval of MCP calls", new() { Tools = [new HostedMcpServerTool("docs", new Uri("https://mcp.test/")) { ApprovalMode = HostedMcpServerToolApprovalMode.AlwaysRequire }] }, "*ApprovalMode*" },
        { "an MCP server without an address", new() { Tools = [new HostedMcpServerTool("docs", "connector")] }, "*ServerAddress*" },
        { "a beta feature that breaks the header", new() { AdditionalProperties = new() { ["betas"] = "a\r\nx: y" } }, "*beta feature*" },
        { "the client's own member", new() { AdditionalProperties = new() { ["messages"] = "x" } }, "*'messages' cannot be set*" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Options_become_these_members(string name, ChatOptions options, string expected)
    {
        JsonObject sent = await ClaudeClients.SentAsync(options);

        sent["model"]!.ToString().Should().Be((options.ModelId ?? ClaudeClients.Model)["claude/".Length..], name);
        sent["messages"].ShouldBe("""[{"role":"user","content":[{"type":"text","text":"hi"}]}]""");
        sent.Remove("model");
        sent.Remove("messages");
        ((JsonNode)sent).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_Claude_cannot_do_is_refused_before_anything_is_sent(string name, ChatOptions options, string message)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider);

        HarborException error = await client.FailureAsync(options: options);

        error.Kind.Should().Be(ErrorKind.InvalidRequest, name);
        error.Message.Should().Match(message);
        provider.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_providers_defaults_fill_in_and_give_way_to_thinking()
    {
        static void Defaults(ClaudeOptions o) => (o.DefaultTemperature, o.DefaultMaxOutputTokens) = (0.25f, 5000);

        JsonObject plain = await ClaudeClients.SentAsync(new ChatOptions(), Defaults);
        JsonObject thinking = await ClaudeClients.SentAsync(new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.High } }, Defaults);

        (plain["temperature"]!.ToString(), plain["max_tokens"]!.ToString()).Should().Be(("0.25", "5000"));
        thinking["temperature"].Should().BeNull();
        thinking["thinking"].ShouldBe("""{"type":"enabled","budget_tokens":4000}""");
    }

    [Fact]
    public async Task Each_setting_that_is_left_out_is_logged()
    {
        using var logs = new ListLoggerFactory();
        var options = new ChatOptions { Seed = 1, FrequencyPenalty = 1, PresencePenalty = 1, Tools = [new HostedFileSearchTool()] };

        await ClaudeClients.SentAsync([new(ChatRole.User, "hi") { AuthorName = "ann" }], options, more: h => h.UseLoggerFactory(logs));

        foreach (string what in new[] { "Seed", "FrequencyPenalty", "PresencePenalty", "HostedFileSearchTool", "AuthorName" })
            logs.Lines.Should().ContainMatch($"*claude/claude-haiku-4-5*{what}*");
    }

    [Fact]
    public async Task A_schema_is_written_as_Claude_takes_it()
    {
        var schema = JsonElement.Parse("""{"$schema":"x","type":"object","properties":{"minimum":{"type":"integer","minimum":1,"maximum":5,"description":"How many."},"tags":{"type":"array","minItems":2,"items":{"type":["object","null"],"properties":{}}}},"required":["minimum"]}""");

        JsonObject sent = await ClaudeClients.SentAsync(new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) });

        sent["output_config"]!["format"]!["schema"].ShouldBe("""{"type":"object","properties":{"minimum":{"type":"integer","description":"How many.\n\n{minimum: 1, maximum: 5}"},"tags":{"type":"array","items":{"type":["object","null"],"properties":{},"additionalProperties":false},"description":"{minItems: 2}"}},"required":["minimum"],"additionalProperties":false}""");
    }

    [Fact]
    public async Task A_function_stands_for_a_client_tool_of_Claudes_when_it_names_its_type()
    {
        AIFunction memory = AIFunctionFactory.Create((string command) => "", new AIFunctionFactoryOptions { Name = "memory", AdditionalProperties = new Dictionary<string, object?> { ["type"] = "memory_20250818" } });
        AIFunction strict = AIFunctionFactory.Create(() => "", new AIFunctionFactoryOptions { Name = "now", AdditionalProperties = new Dictionary<string, object?> { ["strict"] = true, ["other"] = 1 } });

        JsonObject sent = await ClaudeClients.SentAsync(new ChatOptions { Tools = [memory, strict] });

        sent["tools"]![0].ShouldBe("""{"type":"memory_20250818","name":"memory"}""");
        sent["tools"]![1]!["strict"]!.GetValue<bool>().Should().BeTrue();
        sent["tools"]![1]!["other"].Should().BeNull();
    }
}
