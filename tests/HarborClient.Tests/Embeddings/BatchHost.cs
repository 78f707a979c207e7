using System.Text.Json;
using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Embeddings;

// One host whose first request is under way until the time advances by a minute, so that the calls after it are gathered.
internal sealed class BatchHost : IAsyncDisposable
{
    public static readonly TimeSpan Held = TimeSpan.FromMinutes(1);

    public BatchHost(Action<EmbeddingBatchOptions>? configure = null, bool isHeld = true, Action<HarborBuilder>? more = null)
    {
        Provider = new ProviderEmulator(Time);
        if (isHeld) Provider.ThenReply(new EmulatedReply().DelayBeforeHeaders(Held));
        Client = FastClient.Create(h =>
        {
            h.UseTimeProvider(Time).AddLocal("lab", Emulated.LocalEndpoint, o =>
            {
                o.SendOnceThrough(Provider.CreateHandler());
                o.EmbeddingBatches.MaxConcurrentBatches = 1;
                o.EmbeddingBatches.MaxItems = 10_000;
                o.EmbeddingBatches.MaxWait = TimeSpan.FromSeconds(10);
                configure?.Invoke(o.EmbeddingBatches);
            }).UseDefaultEmbeddingModel("lab/embedder").UseMemoryCache(memory => memory.SizeLimitBytes = 0);
            more?.Invoke(h);
        });
    }

    public ManualTimeProvider Time { get; } = new();

    public ProviderEmulator Provider { get; }

    public FastClient Client { get; }

    // How many texts each request had.
    public IEnumerable<int> Sizes => Provider.Attempts.Select(attempt => Inputs(attempt).Count);

    public static List<string> Inputs(EmulatedAttempt attempt) => [.. attempt.BodyJson!.Value.GetProperty("input").EnumerateArray().Select(input => input.GetString()!)];

    public Task<GeneratedEmbeddings<Embedding<float>>> Ask(string text, EmbeddingGenerationOptions? options = null, CancellationToken token = default) =>
        Client.GenerateAsync([text], options, token);

    // The request that holds up the others.
    public async Task<Task<GeneratedEmbeddings<Embedding<float>>>> HoldAsync()
    {
        Task<GeneratedEmbeddings<Embedding<float>>> holding = Ask("holding");
        await Provider.AttemptReceived(1);
        await Time.TimerSet(Held);
        return holding;
    }

    // The waiting time of the gathered calls passes.
    public async Task PassWaitAsync(int attempts)
    {
        Time.Advance(TimeSpan.FromSeconds(10));
        await Provider.AttemptReceived(attempts);
    }

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
