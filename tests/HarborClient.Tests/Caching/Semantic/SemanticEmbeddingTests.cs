using System.Text.Json;
using HarborClient.Testing;

namespace HarborClient.Tests.Caching.Semantic;

// Who embeds a question, and what comes of it when that fails: never anything for the call.
public sealed class SemanticEmbeddingTests
{
    private const string First = "How do I reset my password?";
    private const string Alike = "How can I reset my password?";

    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _cloud;
    private readonly ProviderEmulator _home;

    public SemanticEmbeddingTests()
    {
        int count = 0;
        EmulatedReply Reply(EmulatedAttempt attempt) => attempt.Path.EndsWith("/embeddings", StringComparison.Ordinal) ? Vector(attempt) : EmulatedReply.Answer($"answer {++count}");
        _cloud = new ProviderEmulator(_time).Respond(Reply);
        _home = new ProviderEmulator(_time).Respond(Reply);
    }

    private static HarborChatOptions Deterministic => new() { Temperature = 0 };

    [Fact]
    public async Task A_model_of_the_clients_own_embeds_for_the_caller()
    {
        await using FastClient client = Client("openai/text-embedding-3-small");
        await client.GetResponseAsync(First, Deterministic);

        ChatResponse similar = await client.GetResponseAsync(Alike, Deterministic);

        similar.GetHarborInfo().Similarity.Should().NotBeNull();
        _cloud.Attempts.Select(attempt => attempt.Path[attempt.Path.LastIndexOf('/')..]).Should().Equal("/embeddings", "/completions", "/embeddings");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task What_must_stay_at_home_is_embedded_there_or_not_at_all()
    {
        await using FastClient cloud = Client("openai/text-embedding-3-small");
        await cloud.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, ModelId = "home/m", DataClass = DataClass.Confidential });
        _cloud.Attempts.Should().BeEmpty();
        _home.Attempts.Should().HaveCount(1);

        await using FastClient home = Client("home/embedder");
        await home.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, ModelId = "home/m", DataClass = DataClass.Confidential });
        ChatResponse similar = await home.GetResponseAsync(Alike, new HarborChatOptions { Temperature = 0, ModelId = "home/m", DataClass = DataClass.Confidential });

        similar.GetHarborInfo().Similarity.Should().NotBeNull();
        _cloud.Attempts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_generator_of_the_users_sees_no_call_that_is_restricted()
    {
        var embeddings = new StandInEmbedding();
        await using FastClient client = Client(b => b.UseSemanticCache(embeddings));

        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, ModelId = "home/m", DataClass = DataClass.Confidential });
        await client.GetResponseAsync(First, new HarborChatOptions { Temperature = 0, AllowedTargets = ["openai"] });

        embeddings.Calls.Should().Be(0);
    }

    [Fact]
    public async Task An_embedding_that_takes_too_long_is_not_waited_for()
    {
        var embeddings = new ScriptedGenerator(token => new TaskCompletionSource<float[]>().Task.WaitAsync(token));
        await using FastClient client = Client(b => b.UseSemanticCache(embeddings, o => o.Timeout = TimeSpan.FromMilliseconds(300)));

        Task<ChatResponse> call = client.GetResponseAsync(First, Deterministic);
        await _time.TimerSet(TimeSpan.FromMilliseconds(300)).Guarded();
        _time.Advance(TimeSpan.FromMilliseconds(299));
        _cloud.Attempts.Should().BeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await call.Guarded()).Text.Should().Be("answer 1");
        (await client.GetResponseAsync(First, Deterministic)).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.Memory, "the answer is kept all the same");
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task An_embedding_that_fails_again_and_again_is_left_alone_and_logged_once()
    {
        var logs = new RecordedLogs();
        bool fails = true;
        var embeddings = new ScriptedGenerator(_ => fails ? throw new InvalidOperationException(First) : Task.FromResult(StandInEmbedding.Embed(First)));
        await using FastClient client = Client(b => b.UseSemanticCache(embeddings).UseLoggerFactory(logs));

        for (int i = 0; i < 20; i++)
        {
            (await client.GetResponseAsync($"question {i}", Deterministic)).GetHarborInfo().CacheLevel.Should().Be(CacheLevel.None);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        embeddings.Calls.Should().Be(5);
        logs.Of(77).Should().ContainSingle().Which.Message.Should().NotContain(First);
        fails = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        await client.GetResponseAsync("question 20", Deterministic);

        logs.Of(78).Should().ContainSingle();
        embeddings.Calls.Should().Be(6);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [Fact]
    public async Task A_vector_that_is_none_finds_nothing()
    {
        var embeddings = new ScriptedGenerator(_ => Task.FromResult(new float[8]));
        await using FastClient client = Client(b => b.UseSemanticCache(embeddings));
        await client.GetResponseAsync(First, Deterministic);

        (await client.GetResponseAsync(Alike, Deterministic)).Text.Should().Be("answer 2");
    }

    [Fact]
    public async Task A_caller_who_cancels_meanwhile_hears_of_it_at_once()
    {
        using var source = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        var embeddings = new ScriptedGenerator(token =>
        {
            asked.SetResult();
            return new TaskCompletionSource<float[]>().Task.WaitAsync(token);
        });
        await using FastClient client = Client(b => b.UseSemanticCache(embeddings));
        Task<ChatResponse> call = client.GetResponseAsync(First, Deterministic, source.Token);
        await asked.Task.Guarded();

        await source.CancelAsync();

        (await FluentActions.Awaiting(() => call.Guarded()).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        _cloud.Attempts.Should().BeEmpty();
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private FastClient Client(string model) => Client(b => b.UseSemanticCache(model));

    private FastClient Client(Action<HarborBuilder> configure) => TestClients.OpenAI(_cloud, _time, PerformanceMode.Full, b =>
    {
        b.AddLocal("home", new Uri("http://home.test:8000/v1/"), home => home.SendOnceThrough(_home.CreateHandler())).KeepLocal(DataClass.Confidential);
        configure(b);
    });

    private static EmulatedReply Vector(EmulatedAttempt attempt)
    {
        string input = attempt.BodyJson!.Value.GetProperty("input") is { ValueKind: JsonValueKind.Array } list ? list[0].GetString()! : attempt.BodyJson.Value.GetProperty("input").GetString()!;
        string vector = JsonSerializer.Serialize(StandInEmbedding.Embed(input));
        return EmulatedReply.Raw(
            System.Text.Encoding.UTF8.GetBytes($$$"""{"object":"list","model":"embedder","data":[{"object":"embedding","index":0,"embedding":{{{vector}}}}],"usage":{"prompt_tokens":5,"total_tokens":5}}"""),
            "application/json");
    }

    // Embeds as a test says.
    private sealed class ScriptedGenerator(Func<CancellationToken, Task<float[]>> embed) : IEmbeddingGenerator<string, Embedding<float>>
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _calls);
            return [new Embedding<float>(await embed(cancellationToken))];
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
