using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Claude;

// What messages become on the wire.
public sealed class ClaudeMessageTests
{
    [Fact]
    public async Task The_system_prompt_is_a_field_of_its_own_the_instructions_first()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
            [new(ChatRole.System, "One."), new(ChatRole.User, "hi"), new(new ChatRole("developer"), "Two."), new(ChatRole.System, " ")],
            new ChatOptions { Instructions = "Zero." });

        sent["system"].ShouldBe("""[{"type":"text","text":"Zero."},{"type":"text","text":"One."},{"type":"text","text":"Two."}]""");
        sent["messages"].ShouldBe("""[{"role":"user","content":[{"type":"text","text":"hi"}]}]""");
    }

    [Fact]
    public async Task Turns_alternate_and_results_come_first_in_theirs()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
        [
            new(ChatRole.User, "a"),
            new(ChatRole.User, "b"),
            new(ChatRole.Assistant, "c"),
            new(ChatRole.Assistant, [new FunctionCallContent("t1", "f", new Dictionary<string, object?> { ["x"] = 1 }), new FunctionCallContent("t2", "g")]),
            new(ChatRole.Tool, [new FunctionResultContent("t1", "one")]),
            new(ChatRole.User, "and?"),
            new(ChatRole.Tool, [new FunctionResultContent("t2", null) { Exception = new InvalidOperationException("no luck") }]),
        ]);

        sent["messages"].ShouldBe("""
            [{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
             {"role":"assistant","content":[{"type":"text","text":"c"},{"type":"tool_use","id":"t1","name":"f","input":{"x":1}},{"type":"tool_use","id":"t2","name":"g","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"},{"type":"tool_result","tool_use_id":"t2","content":"Error: no luck","is_error":true},{"type":"text","text":"and?"}]}]
            """);
    }

    [Fact]
    public async Task A_result_in_the_models_own_message_is_the_users_turn()
    {
        JsonObject sent = await ClaudeClients.SentAsync([new(ChatRole.User, "a"), new(ChatRole.Assistant, [new FunctionCallContent("t:1", "f"), new FunctionResultContent("t:1", "one"), new TextContent("done")])]);

        sent["messages"].ShouldBe("""
            [{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t_1","name":"f","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"t_1","content":"one"}]},{"role":"assistant","content":[{"type":"text","text":"done"}]}]
            """);
    }

    [Fact]
    public async Task Images_and_documents_go_as_data_as_addresses_and_as_files()
    {
        byte[] bytes = [1, 2, 3];
        JsonObject sent = await ClaudeClients.SentAsync([new(ChatRole.User,
        [
            new DataContent(bytes, "image/png"),
            new UriContent("https://x.test/a.webp", "image/webp"),
            new HostedFileContent("file_1") { MediaType = "image/jpeg" },
            new DataContent(bytes, "application/pdf") { Name = "a.pdf" },
            new UriContent("https://x.test/b.pdf", "application/pdf"),
            new DataContent("héllo"u8.ToArray(), "text/markdown") { AdditionalProperties = new() { ["citations"] = true, ["context"] = "notes" } },
            new HostedFileContent("file_2"),
        ])]);

        sent["messages"]![0]!["content"].ShouldBe("""
            [{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}},
             {"type":"image","source":{"type":"url","url":"https://x.test/a.webp"}},
             {"type":"image","source":{"type":"file","file_id":"file_1"}},
             {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AQID"},"title":"a.pdf"},
             {"type":"document","source":{"type":"url","url":"https://x.test/b.pdf"}},
             {"type":"document","source":{"type":"text","media_type":"text/plain","data":"héllo"},"context":"notes","citations":{"enabled":true}},
             {"type":"document","source":{"type":"file","file_id":"file_2"}}]
            """);
    }

    [Fact]
    public async Task A_function_may_return_images_and_values()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
        [
            new(ChatRole.User, "a"),
            new(ChatRole.Assistant, [new FunctionCallContent("t1", "f"), new FunctionCallContent("t2", "f"), new FunctionCallContent("t3", "f")]),
            new(ChatRole.Tool,
            [
                new FunctionResultContent("t1", new List<AIContent> { new TextContent("see"), new DataContent(new byte[] { 1, 2, 3 }, "image/png") }),
                new FunctionResultContent("t2", new Dictionary<string, object?> { ["a"] = 1 }),
                new FunctionResultContent("t3", ""),
            ]),
        ]);

        sent["messages"]![2]!["content"].ShouldBe("""
            [{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]},
             {"type":"tool_result","tool_use_id":"t2","content":"{\"a\":1}"},{"type":"tool_result","tool_use_id":"t3"}]
            """);
    }

    [Fact]
    public async Task Reasoning_that_Claude_did_not_sign_and_blank_texts_stay_behind()
    {
        JsonObject sent = await ClaudeClients.SentAsync(
            [new(ChatRole.User, "a"), new(ChatRole.Assistant, [new TextReasoningContent("unsigned"), new TextContent("\n\n")]), new(ChatRole.User, "b"), new(ChatRole.Assistant, "{\"x\": \n")]);

        sent["messages"].ShouldBe("""[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"{\"x\":"}]}]""");
    }

    public static TheoryData<string, AIContent> NoPlace => new()
    {
        { "*audio/wav*", new DataContent(new byte[4], "audio/wav") },
        { "*image/bmp*", new DataContent(new byte[4], "image/bmp") },
        { "*text/html*", new UriContent("https://x.test/a.html", "text/html") },
        { "*http and https*", new UriContent("file:///a.png", "image/png") },
        { "*nothing to send*", new TextContent(" ") },
    };

    [Theory]
    [MemberData(nameof(NoPlace))]
    public async Task Content_that_Claude_cannot_read_is_refused_before_it_is_sent(string message, AIContent content)
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider);

        HarborException error = (await client.Awaiting(c => c.GetResponseAsync([new ChatMessage(ChatRole.User, [content])])).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Match(message);
        provider.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task The_headers_are_the_key_the_version_and_the_beta_features()
    {
        var provider = new ProviderEmulator();
        await using FastClient client = ClaudeClients.Of(provider, o => o.BetaFeatures.Add("one-1"));

        await client.AskAsync();
        await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new TextContent("hi"), new HostedFileContent("f")])],
            new ChatOptions { Tools = [new HostedCodeInterpreterTool(), new HostedMcpServerTool("m", new Uri("https://m.test/"))], AdditionalProperties = new() { ["betas"] = new[] { "two-2", "one-1" } } });

        IReadOnlyDictionary<string, string> headers = provider.Attempts[0].Headers;
        (headers["x-api-key"], headers["anthropic-version"], headers["anthropic-beta"]).Should().Be((Emulated.Key, "2023-06-01", "one-1"));
        headers.Should().NotContainKey("authorization");
        provider.Attempts[0].Path.Should().Be("/v1/messages");
        provider.Attempts[1].Headers["anthropic-beta"].Should().Be("one-1,two-2,code-execution-2025-08-25,mcp-client-2025-11-20,files-api-2025-04-14");
    }

    [Fact]
    public async Task Embeddings_are_refused()
    {
        await using FastClient client = ClaudeClients.Of(new ProviderEmulator());

        Func<Task> call = () => client.GenerateAsync(["x"], new EmbeddingGenerationOptions { ModelId = ClaudeClients.Model });

        (await call.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
    }
}
