using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// ChatGLM3-6B: behind vLLM, the main case, and on the server of its own repository.
public sealed class ChatGlm3Tests
{
    private const string Vllm = "zhipu-local/chatglm3-6b";

    [Theory]
    [InlineData("chatglm3-6b")]
    [InlineData("THUDM/ChatGLM3-6B-32k")]
    public async Task Behind_vLLM_the_model_is_told_where_to_stop(string model)
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host);

        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/" + model });
        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/" + model, StopSequences = ["\n\n"], TopK = 4 });

        host.Body(0).ShouldBeJson($$"""
            {"model":"{{model}}","messages":[{"role":"user","content":"hi"}],"stop":["<|user|>","<|observation|>"],"stop_token_ids":[64795,64797,2]}
            """);
        host.Body(1).GetProperty("stop").EnumerateArray().Select(stop => stop.GetString()).Should().Equal("\n\n", "<|user|>", "<|observation|>");
        host.Body(1).GetProperty("top_k").GetInt32().Should().Be(4);
        host.Attempts[0].Path.Should().Be("/v1/chat/completions");
    }

    [Fact]
    public async Task A_caller_may_give_other_stops()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host);

        await client.AskAsync(options: new ChatOptions { ModelId = Vllm, AdditionalProperties = new() { ["stop"] = new JsonArray("x"), ["stop_token_ids"] = new JsonArray(7) } });

        host.Body().GetProperty("stop").GetRawText().Should().Be("""["x"]""");
        host.Body().GetProperty("stop_token_ids").GetRawText().Should().Be("[7]");
    }

    [Fact]
    public async Task Other_models_get_none_and_a_profile_can_be_chosen_by_name()
    {
        var host = new ProviderEmulator();
        await using var client = LocalClient(host, o => o.Profiles["my-glm"] = ZhipuLocalProfile.ChatGlm3);

        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/glm-4-9b" });
        await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/my-glm" });

        host.Body(0).TryGetProperty("stop_token_ids", out _).Should().BeFalse();
        host.Body(1).TryGetProperty("stop_token_ids", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Three_lines_are_enough_and_the_key_is_optional()
    {
        var host = new ProviderEmulator().Otherwise(EmulatedReply.Answer("Hello there"));
        await using var client = FastClient.Create(h => h.AddZhipuLocal(new Uri("http://localhost:8000/v1/"), o => o.SendOnceThrough(host.CreateHandler())).UseDefaultModel(Vllm));

        (await client.AskAsync()).Text.Should().Be("Hello there");
        string.Concat(await client.StreamTextAsync("hi").ToListAsync()).Should().Be("Hello there");

        host.Attempts[0].Headers.Should().NotContainKey("authorization");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_repositorys_server_takes_texts_and_a_role_of_its_own_for_results()
    {
        var host = new ProviderEmulator();
        await using var client = Demo(host);
        List<ChatMessage> messages =
        [
            new(ChatRole.System, "be brief"),
            new(ChatRole.User, [new TextContent("what is "), new TextContent("the weather?")]),
            new(ChatRole.Assistant, [new TextContent("get_weather"), new FunctionCallContent("call_1", "get_weather", new Dictionary<string, object?> { ["city"] = "Oslo" })]),
            new(ChatRole.Tool, [new FunctionResultContent("call_1", "rain")]),
        ];

        await client.GetResponseAsync(messages, new ChatOptions { ModelId = Vllm, Instructions = "you are a help", Tools = [AIFunctionFactory.Create(() => 1, "get_weather")] });

        host.Body().GetProperty("messages").ShouldBeJson("""
            [{"role":"system","content":"you are a help"},{"role":"system","content":"be brief"},{"role":"user","content":"what is the weather?"},
             {"role":"assistant","content":"get_weather","function_call":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}},
             {"role":"function","content":"rain","name":"get_weather"}]
            """);
        host.Body().GetProperty("tools").GetArrayLength().Should().Be(1);
        host.Body().TryGetProperty("stop_token_ids", out _).Should().BeFalse("its own server stops by itself");
    }

    [Fact]
    public async Task What_the_repositorys_server_cannot_take_is_refused_before_it_is_sent()
    {
        var host = new ProviderEmulator();
        await using var client = Demo(host);
        ChatMessage[][] conversations =
        [
            [new(ChatRole.User, "a"), new(ChatRole.Assistant, "b")],
            [],
            [new(ChatRole.User, [new TextContent("a"), new DataContent(new byte[] { 1 }, "image/png")])],
            [new(ChatRole.Assistant, [new FunctionCallContent("1", "a"), new FunctionCallContent("2", "b")]), new(ChatRole.User, "c")],
        ];

        foreach (ChatMessage[] messages in conversations)
            (await client.GetResponseAsync(messages, new ChatOptions { ModelId = Vllm }).ErrorAsync()).Kind.Should().Be(ErrorKind.InvalidRequest);

        host.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task The_repositorys_servers_answers_are_read()
    {
        const string Whole = """
            {"model":"chatglm3-6b","id":"","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"get_weather\n```python\ntool_call(city='Oslo')\n```",
             "name":null,"function_call":{"name":"get_weather","arguments":"{\"city\": \"Oslo\"}"}},"finish_reason":"function_call"}],"created":1700000000,"usage":{"prompt_tokens":9,"total_tokens":12,"completion_tokens":3}}
            """;
        const string Stream = """
            data: {"model":"chatglm3-6b","id":"","object":"chat.completion.chunk","choices":[{"delta":{"role":"assistant","content":null,"function_call":null},"finish_reason":null,"index":0}],"created":1,"usage":null}

            data: {"model":"chatglm3-6b","id":"","object":"chat.completion.chunk","choices":[{"delta":{"role":null,"content":"Rain","function_call":null},"finish_reason":null,"index":0}],"created":1,"usage":null}

            data: {"model":"chatglm3-6b","id":"","object":"chat.completion.chunk","choices":[{"delta":{"role":null,"content":null,"function_call":null},"finish_reason":"stop","index":0}],"created":1,"usage":null}

            data: [DONE]


            """;
        var host = new ProviderEmulator().ThenReply(Json(Whole)).ThenRaw(Stream, "text/event-stream");
        await using var client = Demo(host);
        var options = new ChatOptions { ModelId = Vllm };

        ChatResponse call = await client.AskAsync(options: options);
        ChatResponse text = (await client.UpdatesAsync(options: options)).ToHarborResponse();

        FunctionCallContent function = call.Messages[0].Contents.OfType<FunctionCallContent>().Single();
        (function.Name, function.Arguments!["city"]!.ToString()).Should().Be(("get_weather", "Oslo"));
        function.CallId.Should().NotBeEmpty();
        call.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        (text.Text, text.FinishReason).Should().Be(("Rain", ChatFinishReason.Stop));
        text.ResponseId.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Its_errors_are_read()
    {
        await using var client = Demo(new ProviderEmulator().Otherwise(Json("""{"detail":"Invalid request"}""", 400)));

        HarborException error = await client.FailureAsync(options: new ChatOptions { ModelId = Vllm });

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("Invalid request");
    }

    private static FastClient Demo(ProviderEmulator host) => LocalClient(host, o => o.Profiles["chatglm3-6b"] = ZhipuLocalProfile.ChatGlm3Demo);
}
