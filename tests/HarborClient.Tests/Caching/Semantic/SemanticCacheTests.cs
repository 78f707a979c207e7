using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching.Semantic;

// Which questions share an answer, seen by who asks them.
public sealed class SemanticCacheTests : IDisposable
{
    private const string First = "How do I reset my password?";
    private const string Alike = "How can I reset my password?";

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _provider;
    private readonly StandInEmbedding _embeddings = new();

    public SemanticCacheTests()
    {
        int count = 0;
        _provider = new ProviderEmulator(_time).Respond(_ => EmulatedReply.Answer($"answer {++count}"));
    }

    public void Dispose() => _embeddings.Dispose();

    // What makes a request another one, though the question is alike.
    public static TheoryData<string, string?, Action<HarborChatOptions>> Differences => new()
    {
        { "tenant", null, o => o.Tenant = "other" },
        { "scope", null, o => o.CacheScope = "other" },
        { "model", null, o => o.ModelId = "openai/gpt-4o" },
        { "length", null, o => o.MaxOutputTokens = 7 },
        { "instructions", null, o => o.Instructions = "Answer in French." },
        { "system message", "Answer in French.", _ => { } },
    };

    private static HarborChatOptions Deterministic => new() { Temperature = 0 };

    [Fact]
    public async Task A_question_that_means_the_same_is_answered_without_asking_and_says_how_near_it_was()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, Deterministic);

        ChatResponse similar = await client.GetResponseAsync(Alike, Deterministic);

        similar.Text.Should().Be("answer 1");
        HarborCallInfo info = similar.GetHarborInfo();
        info.CacheLevel.Should().Be(CacheLevel.Memory);
        info.Similarity.Should().BeInRange(0.95, 1);
        info.Saved.Should().NotBeNull();
        info.SavedCost!.Value.Should().Be(client.Cache.Statistics.SavedCost).And.BeGreaterThan(Money.Zero);
        info.Attempts.Should().BeEmpty();
        _provider.Attempts.Should().HaveCount(1);
        client.Cache.Statistics.Should().BeEquivalentTo(new { SemanticHits = 1, MemoryHits = 1, Misses = 1, Stored = 1 });
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_very_same_question_is_found_without_an_embedding()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, Deterministic);

        ChatResponse same = await client.GetResponseAsync(First, Deterministic);

        same.GetHarborInfo().Similarity.Should().BeNull();
        _embeddings.Calls.Should().Be(1);
        client.Cache.Statistics.SemanticHits.Should().Be(0);
    }

    [Fact]
    public async Task Who_streams_gets_it_too()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, Deterministic);

        HarborTextStream text = client.StreamTextAsync(Alike, Deterministic);

        string.Concat(await text.ToListAsync()).Should().Be("answer 1");
        text.Info!.Similarity.Should().NotBeNull();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task The_similarity_survives_a_trip_through_JSON()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, Deterministic);
        ChatResponse similar = (await client.GetStreamingResponseAsync(Alike, Deterministic).ToListAsync()).ToChatResponse();

        ChatResponse back = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(similar, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        back.GetHarborInfo().Similarity.Should().Be(similar.GetHarborInfo().Similarity).And.NotBeNull();
    }

    [Theory]
    [InlineData("What does error code 504 mean?", "What does error code 502 mean?")]
    [InlineData("Can I take this drug with alcohol?", "Can I take this drug without alcohol?")]
    [InlineData("Approve the refund for the customer.", "Deny the refund for the customer.")]
    [InlineData("Show flights from Berlin to Paris.", "Show flights from Paris to Berlin.")]
    [InlineData("What is the capital of France?", "What is the capital of Finland?")]
    public async Task A_question_that_is_near_and_another_is_asked(string first, string second)
    {
        await using FastClient client = Client(o => o.Threshold = 0.8);
        await client.GetResponseAsync(first, Deterministic);

        (await client.GetResponseAsync(second, Deterministic)).Text.Should().Be("answer 2");
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task All_else_of_the_request_has_to_be_the_same(string what, string? system, Action<HarborChatOptions> change)
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, Deterministic);
        HarborChatOptions other = Deterministic;
        change(other);
        ChatMessage[] messages = system is null ? [new(ChatRole.User, Alike)] : [new(ChatRole.System, system), new(ChatRole.User, Alike)];

        ChatResponse response = await client.GetResponseAsync(messages, other);

        response.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None, what);
        (await client.GetResponseAsync([.. messages[..^1], new ChatMessage(ChatRole.User, First)], other)).GetHarborInfo().Similarity.Should().NotBeNull("among themselves they are alike");
    }

    [Fact]
    public async Task Earlier_turns_have_to_be_the_same()
    {
        await using FastClient client = Client();
        ChatMessage[] Turns(string earlier, string last) => [new(ChatRole.User, earlier), new(ChatRole.Assistant, "Yes?"), new(ChatRole.User, last)];
        await client.GetResponseAsync(Turns("Hello", First), Deterministic);

        (await client.GetResponseAsync(Turns("Hi", Alike), Deterministic)).Text.Should().Be("answer 2");
        (await client.GetResponseAsync(Turns("Hello", Alike), Deterministic)).Text.Should().Be("answer 1");
    }

    [Fact]
    public async Task Calls_with_tools_images_or_a_long_text_are_not_embedded()
    {
        await using FastClient client = Client();
        var tools = new HarborChatOptions { Temperature = 0, Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        ChatMessage image = new(ChatRole.User, [new TextContent(First), new UriContent("https://example.com/a.png", "image/png")]);

        await client.GetResponseAsync(First, tools);
        await client.GetResponseAsync([image], Deterministic);
        await client.GetResponseAsync(new string('x', 2_000), Deterministic);

        _embeddings.Calls.Should().Be(0);
    }

    [Fact]
    public async Task Only_calls_whose_answers_are_kept_are_embedded_and_only_in_Full()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 1 });
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Bypass });
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, Cache = CachePolicy.Refresh });
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Balanced, Tenant = "b" });
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, Mode = PerformanceMode.Fast });
        await FluentActions.Awaiting(() => client.GetResponseAsync(Alike, new HarborChatOptions { Cache = CachePolicy.Only })).Should().ThrowAsync<HarborException>();
        _embeddings.Calls.Should().Be(0);

        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 1, Cache = CachePolicy.Always });

        _embeddings.Calls.Should().Be(1);
        client.Describe(PerformanceMode.Full).Stages.Should().ContainInConsecutiveOrder("Cache", "Semantic", "Coalesce");
        client.Describe(PerformanceMode.Balanced).Stages.Should().NotContain("Semantic");
    }

    [Fact]
    public async Task Below_the_threshold_a_question_is_asked()
    {
        await using FastClient client = Client(o => o.Threshold = 1);
        await client.GetResponseAsync(First, Deterministic);

        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be("answer 2");
    }

    [Theory]
    [InlineData(0, "answer 1")]
    [InlineData(0.2, "answer 3")]
    public async Task Where_two_near_questions_have_different_answers_the_margin_decides(double margin, string expected)
    {
        await using FastClient client = Client(o => (o.Threshold, o.Margin) = (0.9, margin));
        await client.GetResponseAsync(First, Deterministic);
        await client.GetResponseAsync("How do I reset my secret password?", Deterministic);

        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be(expected);
    }

    [Fact]
    public async Task Beyond_the_maximum_the_oldest_question_is_forgotten()
    {
        await using FastClient client = Client(o => o.MaximumEntries = 1);
        await client.GetResponseAsync(First, Deterministic);
        await client.GetResponseAsync("Who wrote Faust?", Deterministic);

        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be("answer 3");
    }

    [Fact]
    public async Task A_question_lives_as_long_as_its_answer()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, CacheTtl = TimeSpan.FromMinutes(1) });
        _time.Advance(TimeSpan.FromMinutes(2));

        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be("answer 2");
    }

    [Fact]
    public async Task What_is_removed_answers_no_similar_question()
    {
        await using FastClient client = Client();
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, Tags = new Dictionary<string, string> { ["feature"] = "help" } });
        await client.Cache.InvalidateTagAsync("feature=help");
        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be("answer 2");

        await client.Cache.InvalidateModelAsync("openai/gpt-4o-mini");

        (await client.GetResponseAsync(First, Deterministic)).Text.Should().Be("answer 3");
    }

    [Fact]
    public async Task An_answer_that_has_left_the_memory_comes_from_the_level_that_has_it()
    {
        var level = new ScriptedLevel();
        await using FastClient client = Client(configure: b => b.UseCacheLevel(() => level).UseMemoryCache(m => m.SizeLimitBytes = 0));
        await client.GetResponseAsync(First, Deterministic);
        await level.Changed(1);
        while (level.Items.IsEmpty) await Task.Yield();

        ChatResponse similar = await client.GetResponseAsync(Alike, Deterministic);

        similar.Text.Should().Be("answer 1");
        similar.GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Distributed);
        similar.GetHarborInfo().Similarity.Should().NotBeNull();
    }

    [Theory]
    [InlineData(0.79, 0.01, 1, 200, "Threshold")]
    [InlineData(double.NaN, 0.01, 1, 200, "Threshold")]
    [InlineData(0.9, 0.21, 1, 200, "Margin")]
    [InlineData(0.9, 0.01, 0, 200, "MaximumEntries")]
    [InlineData(0.9, 0.01, 1, 9, "Timeout")]
    public void A_setting_out_of_its_bounds_is_named(double threshold, double margin, int most, int timeout, string named)
    {
        FluentActions.Invoking(() => Client(o => (o.Threshold, o.Margin, o.MaximumEntries, o.Timeout) = (threshold, margin, most, TimeSpan.FromMilliseconds(timeout))))
            .Should().Throw<HarborException>().WithMessage($"*{named} of UseSemanticCache*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Fact]
    public void A_model_that_is_not_there_is_named_when_the_client_is_built()
    {
        FluentActions.Invoking(() => TestClients.OpenAI(_provider, _time, configure: b => b.UseSemanticCache("nowhere/model")))
            .Should().Throw<HarborException>().WithMessage("*nowhere/model*").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    private FastClient Client(Action<SemanticCacheOptions>? options = null, Action<HarborBuilder>? configure = null) => TestClients.OpenAI(_provider, _time, PerformanceMode.Full, b =>
    {
        b.UseSemanticCache(_embeddings, options);
        configure?.Invoke(b);
    });
}
