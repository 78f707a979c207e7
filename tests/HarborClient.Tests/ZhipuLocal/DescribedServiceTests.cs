using System.Text.Json.Nodes;
using HarborClient.Testing;
using HarborClient.Tests.Face;
using HarborClient.Tests.Services;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.ZhipuLocal;

// Services with JSON of their own, described by a template and pointers.
public sealed class DescribedServiceTests
{
    private const string Template = """
        { "input": { "text": "{{prompt}}", "picture": "{{image_url}}", "note": "Q: {{prompt}} ({{max_tokens}})" },
          "max": "{{max_tokens}}", "t": "{{ temperature }}", "p": "{{top_p}}", "seed": "{{seed}}", "stop": "{{stop}}", "sys": "{{system}}", "history": "{{messages}}",
          "model": "{{model}}", "lang": "{{language}}", "list": [1, "{{seed}}", "{{prompt}}", null, true], "fixed": { "a": 1.50, "b": [] } }
        """;

    [Fact]
    public async Task A_service_is_a_chat_model_whose_answer_its_pointer_finds()
    {
        var host = new ProviderEmulator().On("POST", "/v1/generate", Json("""{"result":{"~a/b":[{"text":"f\u00fcr dich"}]}}"""));
        await using var client = LocalClient(host, o => o.Services["writer"] = Service(text: "/result/~0a~1b/0/text"));

        ChatResponse plain = await client.AskAsync("hi", new ChatOptions { ModelId = "zhipu-local/writer", MaxOutputTokens = 7, AdditionalProperties = new() { ["language"] = "de" } });
        string streamed = string.Concat(await client.StreamTextAsync("hi", new ChatOptions { ModelId = "zhipu-local/writer" }).ToListAsync());

        (plain.Text, streamed).Should().Be(("für dich", "für dich"));
        host.Body(0).ShouldBeJson("""
            {"input":{"text":"hi","note":"Q: hi (7)"},"max":7,"history":[{"role":"user","content":"hi"}],"model":"writer","lang":"de","list":[1,"hi",null,true],"fixed":{"a":1.50,"b":[]}}
            """);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Every_placeholder_keeps_its_type()
    {
        var host = new ProviderEmulator().Otherwise(Json("""{"text":"ok"}"""));
        await using var client = LocalClient(host, o => o.Services["writer"] = Service());
        ChatMessage[] messages =
        [
            new(ChatRole.System, "short"), new(ChatRole.User, "first"), new(ChatRole.Assistant, "answer"),
            new(ChatRole.User, [new TextContent("second"), new UriContent("https://a.test/x.png", "image/png")]),
        ];

        await client.GetResponseAsync(messages, new ChatOptions
        {
            ModelId = "zhipu-local/writer", Instructions = "be kind", MaxOutputTokens = 9, Temperature = 0.5f, TopP = 0.25f, Seed = 42, StopSequences = ["a", "b"],
            AdditionalProperties = new() { ["language"] = new JsonObject { ["code"] = "de" }, ["harbor.tenant"] = "t" },
        });

        host.Body().ShouldBeJson("""
            {"input":{"text":"second","picture":"https://a.test/x.png","note":"Q: second (9)"},"max":9,"t":0.5,"p":0.25,"seed":42,"stop":["a","b"],"sys":"be kind\nshort",
             "history":[{"role":"system","content":"short"},{"role":"user","content":"first"},{"role":"assistant","content":"answer"},{"role":"user","content":"second"}],
             "model":"writer","lang":{"code":"de"},"list":[1,42,"second",null,true],"fixed":{"a":1.50,"b":[]}}
            """);
    }

    [Theory]
    [InlineData("\",\"max\":999999,\"x\":\"")]
    [InlineData("{{max_tokens}} {{system}} {{")]
    [InlineData("}} \\u0022 \\")]
    [InlineData("</script>\u2028\n\0")]
    public async Task Nothing_that_a_prompt_holds_leaves_its_place(string prompt)
    {
        var host = new ProviderEmulator().Otherwise(Json("""{"text":"ok"}"""));
        await using var client = LocalClient(host, o => o.Services["writer"] = Service());

        await client.AskAsync(prompt, new ChatOptions { ModelId = "zhipu-local/writer", MaxOutputTokens = 3, AdditionalProperties = new() { ["language"] = prompt } });

        host.Body().GetProperty("input").GetProperty("text").GetString().Should().Be(prompt);
        host.Body().GetProperty("input").GetProperty("note").GetString().Should().Be($"Q: {prompt} (3)");
        host.Body().GetProperty("lang").GetString().Should().Be(prompt);
        host.Body().GetProperty("max").GetInt32().Should().Be(3);
        host.Body().EnumerateObject().Select(member => member.Name).Should().Equal("input", "max", "history", "model", "lang", "list", "fixed");
    }

    [Fact]
    public async Task Properties_of_the_call_do_not_replace_what_the_client_knows()
    {
        var host = new ProviderEmulator().Otherwise(Json("""{"text":"ok"}"""));
        await using var client = LocalClient(host, o => o.Services["writer"] = Service());

        await client.AskAsync("hi", new ChatOptions { ModelId = "zhipu-local/writer", AdditionalProperties = new() { ["prompt"] = "other", ["model"] = "other", ["max_tokens"] = 5 } });

        host.Body().GetProperty("input").GetProperty("text").GetString().Should().Be("hi");
        host.Body().GetProperty("model").GetString().Should().Be("writer");
        host.Body().GetProperty("max").GetInt32().Should().Be(5, "a raw member of the caller's goes first, as everywhere");
    }

    [Theory]
    [InlineData("""{"other":"x"}""", "nothing at '/text'")]
    [InlineData("""{"text":null}""", "nothing at '/text'")]
    [InlineData("""{"text":{"a":1}}""", "an object")]
    [InlineData("""{"text":["a"]}""", "an array")]
    [InlineData("""[]""", "nothing at '/text'")]
    [InlineData("""{"\ud800":1}""", "cannot be read")]
    public async Task A_pointer_that_finds_nothing_or_something_else_is_an_error_that_says_so(string answer, string said)
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)), o => o.Services["writer"] = Service());

        HarborException error = await client.FailureAsync(options: new ChatOptions { ModelId = "zhipu-local/writer" });

        error.Kind.Should().Be(ErrorKind.Provider);
        error.Message.Should().Contain(said).And.Contain("zhipu-local/writer");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Theory]
    [InlineData("""{"text":"a"}""", true)]
    [InlineData("""{"text":"a","error":null}""", true)]
    [InlineData("""{"text":"a","error":false}""", true)]
    [InlineData("""{"text":"a","error":""}""", true)]
    [InlineData("""{"text":"a","error":"no memory"}""", false)]
    [InlineData("""{"error":{"message":"no memory"}}""", false)]
    public async Task An_error_where_the_setting_says_makes_the_answer_one(string answer, bool isFine)
    {
        await using var client = LocalClient(new ProviderEmulator().Otherwise(Json(answer)), o => o.Services["writer"] = Service(error: "/error"));
        Task[] calls =
        [
            client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/writer" }),
            client.InvokeAsync("zhipu-local/writer", new Snippet("a", "b"), ServiceJson.Default.Snippet, ServiceJson.Default.Code),
        ];

        foreach (Task call in calls)
        {
            if (isFine) await call;
            else (await call.ErrorAsync()).Message.Should().Contain("no memory");
        }
    }

    [Fact]
    public async Task A_service_may_answer_with_images()
    {
        var host = new ProviderEmulator().Otherwise(Json("""{"images":["/out/1.png","iVBORw0KGgo="],"text":"done"}"""));
        await using var client = LocalClient(host, o => o.Services["painter"] = Service(text: "/text", image: "/images"));

        ImageResult images = await client.GenerateImageAsync("zhipu-local/painter", new ImageRequest("a boat") { AdditionalProperties = new JsonObject { ["seed"] = 4 } });
        ChatResponse answer = await client.AskAsync(options: new ChatOptions { ModelId = "zhipu-local/painter" });

        images.Images[0].Should().BeOfType<UriContent>().Which.Uri.Should().Be("http://gpu0.test:8000/out/1.png");
        images.Images[1].Should().BeOfType<DataContent>().Which.MediaType.Should().Be("image/png");
        host.Body(0).GetProperty("seed").GetInt32().Should().Be(4);
        answer.Text.Should().Be("done");
        answer.Messages[0].Contents.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_service_may_be_asked_with_its_own_JSON_by_its_name_or_below_it()
    {
        var host = new ProviderEmulator().Otherwise(Json("""{"text":"ok"}"""));
        await using var client = LocalClient(host, o =>
        {
            o.Services["writer"] = Service();
            o.Services["plain"] = new ZhipuLocalServiceOptions { Path = "/run?v=2", Method = "put", Endpoint = new Uri("http://gpu1.test:9000/api/") };
        });
        foreach (string name in new[] { "writer", "writer/health/deep", "plain", "plain/x", "elsewhere/x" })
            await client.InvokeAsync("zhipu-local/" + name, new Snippet("a", "b"), ServiceJson.Default.Snippet, ServiceJson.Default.Code);

        host.Attempts.Select(attempt => $"{attempt.Method} {attempt.Headers["host"]}{attempt.Path}").Should().Equal(
            "POST gpu0.test:8000/v1/generate",
            "POST gpu0.test:8000/v1/health/deep",
            "PUT gpu1.test:9000/run?v=2",
            "POST gpu1.test:9000/api/x",
            "POST gpu0.test:8000/v1/elsewhere/x");
        host.Attempts.Should().OnlyContain(attempt => attempt.BodyText == """{"prompt":"a","language":"b"}""");
        (await client.FailureAsync(options: new ChatOptions { ModelId = "zhipu-local/plain" })).Kind.Should().Be(ErrorKind.InvalidRequest, "it says nowhere where an answer is");
    }

    [Fact]
    public async Task A_slow_service_is_not_held_to_the_clocks_of_streams()
    {
        var time = new ManualTimeProvider();
        var host = new ProviderEmulator(time).Otherwise(Json("""{"text":"late"}""").DelayBeforeHeaders(TimeSpan.FromMinutes(3)));
        await using var client = LocalClient(host, o => o.Services["writer"] = Service(), time, h => h.UseMode(PerformanceMode.Full));

        Task<List<string>> call = client.StreamTextAsync("hi", new ChatOptions { ModelId = "zhipu-local/writer" }).ToListAsync();
        await host.AttemptReceived(1);
        await time.TimerSet(TimeSpan.FromMinutes(3));
        time.Advance(TimeSpan.FromMinutes(3));

        string.Concat(await call.Guarded()).Should().Be("late");
    }

    private static ZhipuLocalServiceOptions Service(string? text = "/text", string? image = null, string? error = null) =>
        new() { Path = "generate", Request = Template, Text = text, Image = image, Error = error };
}
