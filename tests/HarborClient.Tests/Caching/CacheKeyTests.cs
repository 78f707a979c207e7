using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// The key is complete: two requests share an answer when, and only when, the same would be sent for the same people.
public sealed class CacheKeyTests
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}""");

    private readonly ManualTimeProvider _time = new();

    // Each changes one thing of a request that changes what is sent, or whose it is.
    public static TheoryData<string> Mutations => [.. Changes.Keys];

    public static TheoryData<string> Labels => [.. Indifferent.Keys];

    private static Dictionary<string, Action<Asked>> Changes { get; } = new()
    {
        ["text"] = a => a.Messages[1] = new ChatMessage(ChatRole.User, "hi?"),
        ["text by a space"] = a => a.Messages[1] = new ChatMessage(ChatRole.User, "hi "),
        ["text in another form of Unicode"] = a => a.Messages[1] = new ChatMessage(ChatRole.User, "hí".Normalize(System.Text.NormalizationForm.FormD)),
        ["role"] = a => a.Messages[1] = new ChatMessage(ChatRole.Assistant, "hí"),
        ["author"] = a => a.Messages[1].AuthorName = "ann",
        ["one message more"] = a => a.Messages.Add(new ChatMessage(ChatRole.User, "and?")),
        ["order of messages"] = a => a.Messages.Reverse(),
        ["content split in two"] = a => a.Messages[1] = new ChatMessage(ChatRole.User, [new TextContent("h"), new TextContent("í")]),
        ["image"] = a => a.Messages[1].Contents.Add(new DataContent(new byte[] { 1, 2, 3 }, "image/png")),
        ["image's type"] = a => a.Messages[1].Contents.Add(new DataContent(new byte[] { 1, 2, 3 }, "image/jpeg")),
        ["image by address"] = a => a.Messages[1].Contents.Add(new UriContent(new Uri("https://images.test/1.png"), "image/png")),
        ["tool result"] = a => a.Messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "sunny")])),
        ["tool call in history"] = a => a.Messages.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "look", new Dictionary<string, object?> { ["at"] = 1 })])),
        ["instructions"] = a => a.Options.Instructions = "be brief",
        ["model"] = a => a.Options.ModelId = "openai/gpt-4o",
        ["temperature"] = a => a.Options.Temperature = 0.5f,
        ["top p"] = a => a.Options.TopP = 0.5f,
        ["top k"] = a => a.Options.TopK = 5,
        ["seed"] = a => a.Options.Seed = 8,
        ["frequency penalty"] = a => a.Options.FrequencyPenalty = 0.5f,
        ["presence penalty"] = a => a.Options.PresencePenalty = 0.5f,
        ["max output tokens"] = a => a.Options.MaxOutputTokens = 10,
        ["stop sequences"] = a => a.Options.StopSequences = ["end"],
        ["reasoning effort"] = a => a.Options.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High },
        ["format"] = a => a.Options.ResponseFormat = ChatResponseFormat.Json,
        ["schema"] = a => a.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "it"),
        ["schema's name"] = a => a.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema, "that"),
        ["order of a schema's members"] = a => a.Options.ResponseFormat = ChatResponseFormat.ForJsonSchema(
            JsonElement.Parse("""{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"string"}}}"""), "it"),
        ["tool"] = a => a.Options.Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", Schema)],
        ["tool's description"] = a => a.Options.Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks there.", Schema)],
        ["two tools"] = a => a.Options.Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", Schema), AIFunctionFactory.CreateDeclaration("go", "Goes.", Schema)],
        ["tool mode"] = a =>
        {
            a.Options.Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", Schema)];
            a.Options.ToolMode = ChatToolMode.RequireAny;
        },
        ["one tool call at a time"] = a =>
        {
            a.Options.Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", Schema)];
            a.Options.AllowMultipleToolCalls = false;
        },
        ["passed through"] = a => a.Options.AdditionalProperties = new() { ["logit_bias"] = JsonElement.Parse("""{"50256":-100}""") },
        ["passed through, another value"] = a => a.Options.AdditionalProperties = new() { ["logit_bias"] = JsonElement.Parse("""{"50256":-99}""") },
        ["service tier"] = a => a.Options.AdditionalProperties = new() { ["service_tier"] = "flex" },
        ["tenant"] = a => a.Options.Tenant = "acme",
        ["tenant of no name"] = a => a.Options.Tenant = "",
        ["scope"] = a => a.Options.CacheScope = "acme",
        ["tenant and scope swapped"] = a => (a.Options.Tenant, a.Options.CacheScope) = ("acme", "x"),
    };

    // Changes that do not change an answer.
    private static Dictionary<string, Action<Asked>> Indifferent { get; } = new()
    {
        ["message id"] = a => a.Messages[1].MessageId = "msg_7",
        ["created at"] = a => a.Messages[1].CreatedAt = DateTimeOffset.UnixEpoch,
        ["raw representation of a message"] = a => a.Messages[1].RawRepresentation = new object(),
        ["user"] = a => a.Options.User = "ann",
        ["user in passthrough"] = a => a.Options.AdditionalProperties = new() { ["user"] = "ann" },
        ["metadata"] = a => a.Options.AdditionalProperties = new() { ["metadata"] = JsonElement.Parse("""{"trace":"1"}""") },
        ["harbor keys"] = a => a.Options.AdditionalProperties = new() { ["harbor.priority"] = "Batch" },
        ["tags"] = a => a.Options.Tags = new Dictionary<string, string> { ["feature"] = "search" },
        ["priority"] = a => a.Options.Priority = CallPriority.Background,
        ["total timeout"] = a => a.Options.TotalTimeout = TimeSpan.FromMinutes(1),
        ["time to live"] = a => a.Options.CacheTtl = TimeSpan.FromMinutes(1),
        ["mode"] = a => a.Options.Mode = PerformanceMode.Full,
        ["a model's other name"] = a => a.Options.ModelId = "chat",
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task A_request_that_differs_has_a_key_of_its_own(string what)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);
        var asked = new Asked();
        await client.GetResponseAsync(asked.Messages, asked.Options);

        var changed = new Asked();
        Changes[what](changed);
        ChatResponse answer = await client.GetResponseAsync(changed.Messages, changed.Options);
        ChatResponse again = await client.GetResponseAsync(changed.Messages, changed.Options);
        ChatResponse original = await client.GetResponseAsync(new Asked().Messages, new Asked().Options);

        answer.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
        again.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory, "it is found again under its own");
        original.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
    }

    [Fact]
    public async Task All_that_differ_have_different_keys()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);

        foreach (Action<Asked> change in Changes.Values)
        {
            var asked = new Asked();
            change(asked);
            await client.GetResponseAsync(asked.Messages, asked.Options);
        }

        provider.Attempts.Should().HaveCount(Changes.Count);
    }

    [Theory]
    [MemberData(nameof(Labels))]
    public async Task What_does_not_change_an_answer_does_not_change_the_key(string what)
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);
        var asked = new Asked();
        await client.GetResponseAsync(asked.Messages, asked.Options);

        var changed = new Asked();
        Indifferent[what](changed);
        ChatResponse plain = await client.GetResponseAsync(changed.Messages, changed.Options);
        ChatResponse streamed = (await client.GetStreamingResponseAsync(changed.Messages, changed.Options).ToListAsync()).ToChatResponse();

        plain.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        streamed.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        provider.Attempts.Should().HaveCount(1);
    }

    [Fact]
    public async Task The_order_of_what_is_passed_through_does_not_matter()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);
        await client.GetResponseAsync("hi", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["logprobs"] = false, ["n"] = 1 } });

        ChatResponse answer = await client.GetResponseAsync("hi", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["n"] = 1, ["logprobs"] = false } });

        answer.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
    }

    [Fact]
    public async Task Betas_that_go_into_a_header_are_a_part_of_the_key()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = FastClient.Create(b => b.AddClaude("sk-ant-key-7Qm2xWv9", o => o.SendOnceThrough(provider.CreateHandler())).UseDefaultModel("claude/claude-haiku-4-5").UseTimeProvider(_time));
        await client.GetResponseAsync("hi", new ChatOptions { Temperature = 0 });

        await client.GetResponseAsync("hi", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["betas"] = "one-2026-01-01" } });
        await client.GetResponseAsync("hi", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["betas"] = "two-2026-01-01" } });

        provider.Attempts.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_request_that_cannot_be_written_fails_as_it_would_without_a_cache()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);

        Func<Task> asking = () => client.GetResponseAsync("hi", new ChatOptions { Temperature = 0, AdditionalProperties = new() { ["model"] = "another" } });

        (await asking.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.InvalidRequest);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_long_request_has_a_key_too()
    {
        var provider = new ProviderEmulator(_time).Otherwise(EmulatedReply.Answer("an answer"));
        await using FastClient client = Client(provider);
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"word{i} "));

        await client.GetResponseAsync(text, new ChatOptions { Temperature = 0 });
        ChatResponse same = await client.GetResponseAsync(text, new ChatOptions { Temperature = 0 });
        ChatResponse other = await client.GetResponseAsync(text[..100_000] + "X" + text[100_001..], new ChatOptions { Temperature = 0 });

        same.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        other.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    // A host that takes every setting there is.
    private FastClient Client(ProviderEmulator provider) => FastClient.Create(b => b
        .AddLocal("openai", new Uri("http://lab.test:8000/v1/"), o => o.SendOnceThrough(provider.CreateHandler()))
        .MapModel("chat", "openai/gpt-4o-mini")
        .UseDefaultModel("openai/gpt-4o-mini")
        .UseCache(c => c.Policy = CachePolicy.Always)
        .UseTimeProvider(_time));

    private sealed class Asked
    {
        public List<ChatMessage> Messages { get; } = [new(ChatRole.System, "You help."), new(ChatRole.User, "hí")];

        public HarborChatOptions Options { get; } = new() { Seed = 7 };
    }
}
