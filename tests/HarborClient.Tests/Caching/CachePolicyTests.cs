using HarborClient.Testing;

namespace HarborClient.Tests.Caching;

// Which calls are looked up, and which answers are kept.
public sealed class CachePolicyTests
{
    private static readonly string[] Words = [.. Enumerable.Range(0, 20).Select(i => $"word{i} ")];

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;

    public CachePolicyTests()
    {
        int count = 0;
        _provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {++count}"));
    }

    [Fact]
    public async Task Auto_keeps_what_is_deterministic_and_nothing_else()
    {
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0 })).Should().BeTrue();
        (await IsKeptAsync(new HarborChatOptions { Seed = 7 })).Should().BeTrue();
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0.1f })).Should().BeFalse();
        (await IsKeptAsync(new HarborChatOptions())).Should().BeFalse();
        (await IsKeptAsync(null)).Should().BeFalse();
    }

    [Fact]
    public async Task A_default_temperature_of_zero_is_deterministic()
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, options: o => o.DefaultTemperature = 0);

        await client.GetResponseAsync("hi");

        (await client.GetResponseAsync("hi")).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
    }

    [Fact]
    public async Task Always_keeps_every_answer() =>
        (await IsKeptAsync(new HarborChatOptions { Cache = CachePolicy.Always, Temperature = 1 })).Should().BeTrue();

    [Fact]
    public async Task The_policy_of_all_calls_can_be_set() =>
        (await IsKeptAsync(null, b => b.UseCache(c => c.Policy = CachePolicy.Always))).Should().BeTrue();

    [Fact]
    public async Task Bypass_neither_looks_up_nor_keeps()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });

        ChatResponse bypassed = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Bypass });
        ChatResponse kept = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });

        bypassed.Text.Should().Be("answer 2");
        kept.Text.Should().Be("answer 1");
    }

    [Fact]
    public async Task Refresh_asks_and_replaces_what_was_kept()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });

        ChatResponse refreshed = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Refresh });
        ChatResponse kept = await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });

        refreshed.Text.Should().Be("answer 2");
        kept.Text.Should().Be("answer 2");
        kept.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
    }

    [Fact]
    public async Task Only_answers_from_what_is_kept_and_sends_nothing()
    {
        await using FastClient client = TestClients.Balanced(_provider, _time);
        var only = new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Only };

        HarborException missed = (await client.Awaiting(c => c.GetResponseAsync("hi", only)).Should().ThrowAsync<HarborException>()).Which;
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });
        ChatResponse found = await client.GetResponseAsync("hi", only);

        missed.Kind.Should().Be(ErrorKind.NotCached);
        missed.Message.Should().Contain("Cache = Only");
        found.Text.Should().Be("answer 1");
        _provider.Attempts.Should().HaveCount(1);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task Only_where_there_is_no_cache_says_so()
    {
        await using FastClient client = TestClients.Fast(_provider, _time);

        HarborException error = (await client.Awaiting(c => c.GetResponseAsync("hi", new HarborChatOptions { Cache = CachePolicy.Only })).Should().ThrowAsync<HarborException>()).Which;

        error.Kind.Should().Be(ErrorKind.InvalidRequest);
        error.Message.Should().Contain("Fast");
    }

    [Fact]
    public async Task A_class_of_content_that_is_too_sensitive_is_neither_kept_nor_looked_up()
    {
        static void NeverStore(HarborBuilder b) => b.UseCache(c => c.NeverStoreFrom = DataClass.Confidential);

        (await IsKeptAsync(new HarborChatOptions { Temperature = 0, DataClass = DataClass.Confidential }, NeverStore)).Should().BeFalse();
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0, DataClass = DataClass.Restricted }, NeverStore)).Should().BeFalse();
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0, DataClass = DataClass.Internal }, NeverStore)).Should().BeTrue();
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0 }, NeverStore)).Should().BeTrue();
    }

    [Fact]
    public async Task What_refers_to_something_at_the_provider_is_not_kept()
    {
        HarborChatOptions[] never =
        [
            new() { Temperature = 0, RawRepresentationFactory = _ => new System.Text.Json.Nodes.JsonObject() },
            new() { Temperature = 0, AdditionalProperties = new() { ["store"] = true } },
            new() { Temperature = 0, AdditionalProperties = new() { ["background"] = true } },
            new() { Temperature = 0, OpenAIApi = OpenAIApi.Responses, ConversationId = "resp_1" },
            new() { Temperature = 0, OpenAIApi = OpenAIApi.Responses, Tools = [new HostedWebSearchTool()] },
        ];

        foreach (HarborChatOptions options in never) (await IsKeptAsync(options)).Should().BeFalse();
    }

    [Theory]
    [InlineData("length")]
    [InlineData("content_filter")]
    public async Task An_answer_that_is_cut_short_or_filtered_is_not_kept(string finish)
    {
        var provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer("half").FinishReason(finish));
        await using FastClient client = TestClients.Balanced(provider, _time);

        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });
        await client.GetResponseAsync("hi", new HarborChatOptions { Temperature = 0 });

        provider.Attempts.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_stream_that_breaks_or_is_left_is_not_kept()
    {
        var provider = new ProviderEmulator(_time).ThenReply(EmulatedReply.Answer(Words).CutAfterUpdates(10)).ThenReply(EmulatedReply.Answer(Words)).ThenAnswer("whole");
        await using FastClient client = TestClients.Balanced(provider, _time);
        var options = new HarborChatOptions { Temperature = 0 };

        await client.Awaiting(c => c.StreamTextAsync("hi", options).ToListAsync()).Should().ThrowAsync<StreamInterruptedException>();
        await foreach (string piece in client.StreamTextAsync("hi", options)) break;
        string third = string.Concat(await client.StreamTextAsync("hi", options).ToListAsync());

        third.Should().Be("whole");
        provider.Attempts.Should().HaveCount(3);
    }

    [Fact]
    public async Task Answers_that_call_tools_are_kept_only_when_asked_for()
    {
        var provider = new ProviderEmulator(_time).Respond(_ => new EmulatedReply().ToolCall("call_1", "look", """{"at":"it"}"""));
        var options = new HarborChatOptions { Temperature = 0, Tools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", System.Text.Json.JsonElement.Parse("""{"type":"object"}"""))] };
        await using FastClient without = TestClients.Balanced(provider, _time);
        await using FastClient with = TestClients.OpenAI(provider, _time, configure: b => b.UseCache(c => c.StoresToolCalls = true));

        await without.GetResponseAsync("hi", options);
        ChatResponse asked = await without.GetResponseAsync("hi", options);
        await with.GetResponseAsync("hi", options);
        ChatResponse kept = await with.GetResponseAsync("hi", options);
        ChatResponse streamed = (await with.GetStreamingResponseAsync("hi", options).ToListAsync()).ToChatResponse();

        asked.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
        kept.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory);
        kept.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        foreach (ChatResponse response in new[] { kept, streamed })
        {
            FunctionCallContent call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
            call.Name.Should().Be("look");
            call.Arguments!["at"]!.ToString().Should().Be("it");
        }
    }

    [Fact]
    public async Task A_memory_of_no_bytes_keeps_nothing() =>
        (await IsKeptAsync(new HarborChatOptions { Temperature = 0 }, b => b.UseMemoryCache(m => m.SizeLimitBytes = 0))).Should().BeFalse();

    private async Task<bool> IsKeptAsync(HarborChatOptions? options, Action<HarborBuilder>? configure = null)
    {
        await using FastClient client = TestClients.OpenAI(_provider, _time, configure: configure);
        await client.GetResponseAsync("hi", options);
        return (await client.GetResponseAsync("hi", options)).GetHarborInfo().CacheLevel == CacheLevel.Memory;
    }
}
