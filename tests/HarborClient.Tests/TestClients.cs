using HarborClient.Testing;

namespace HarborClient.Tests;

// Clients over emulated providers, in memory unless a test says otherwise.
internal static class TestClients
{
    public const string Model = "openai/gpt-4o-mini";

    // How long a signal is waited for before a test is called hung.
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    public static TheoryData<PerformanceMode> Modes => [PerformanceMode.Fast, PerformanceMode.Balanced, PerformanceMode.Full];

    public static FastClient Fast(ProviderEmulator provider, TimeProvider time) => OpenAI(provider, time, PerformanceMode.Fast);

    public static FastClient Balanced(ProviderEmulator provider, TimeProvider time) => OpenAI(provider, time, PerformanceMode.Balanced);

    public static FastClient Full(ProviderEmulator provider, TimeProvider time) => OpenAI(provider, time, PerformanceMode.Full);

    public static FastClient OpenAI(
        ProviderEmulator provider,
        TimeProvider time,
        PerformanceMode mode = PerformanceMode.Balanced,
        Action<HarborBuilder>? configure = null,
        Action<OpenAIOptions>? options = null)
        => OpenAI(provider.CreateHandler(), time, mode, configure, options);

    public static FastClient OpenAI(
        HttpMessageHandler handler,
        TimeProvider time,
        PerformanceMode mode = PerformanceMode.Balanced,
        Action<HarborBuilder>? configure = null,
        Action<OpenAIOptions>? options = null)
        => FastClient.Create(builder =>
        {
            builder.AddOpenAI("sk-test-key-7Qm2xWv9", openAI =>
            {
                openAI.SendOnceThrough(handler);
                options?.Invoke(openAI);
            });
            builder.UseLoggerFactory(KeyWatch.Loggers).UseTimeProvider(time).UseMode(mode).UseDefaultModel(Model).UseDefaultEmbeddingModel("openai/text-embedding-3-small");
            configure?.Invoke(builder);
        });

    // One own host named "lab".
    public static FastClient Local(
        ProviderEmulator provider, TimeProvider time, PerformanceMode mode = PerformanceMode.Balanced, Action<LocalOptions>? options = null, Action<HarborBuilder>? configure = null)
        => FastClient.Create(builder => (configure is null ? builder.UseLoggerFactory(KeyWatch.Loggers) : With(builder.UseLoggerFactory(KeyWatch.Loggers), configure))
            .AddLocal("lab", new Uri("http://lab.test:8000/v1/"), local =>
            {
                local.SendOnceThrough(provider.CreateHandler());
                options?.Invoke(local);
            })
            .UseTimeProvider(time)
            .UseMode(mode)
            .UseDefaultModel("lab/model")
            .UseDefaultEmbeddingModel("lab/embedder"));

    private static HarborBuilder With(HarborBuilder builder, Action<HarborBuilder> configure)
    {
        configure(builder);
        return builder;
    }

    // The alias "chat" with as many targets as providers: "a/one", "b/two", "c/three".
    public static FastClient Chain(TimeProvider time, PerformanceMode mode, Action<HarborBuilder>? configure, params ProviderEmulator[] providers)
        => Chain(time, mode, configure, attempts: 1, providers);

    public static FastClient Chain(TimeProvider time, PerformanceMode mode, Action<HarborBuilder>? configure, int attempts, params ProviderEmulator[] providers)
        => FastClient.Create(builder =>
        {
            string[] names = ["a", "b", "c"];
            string[] targets = ["a/one", "b/two", "c/three"];
            for (int i = 0; i < providers.Length; i++)
            {
                ProviderEmulator provider = providers[i];
                builder.AddLocal(names[i], new Uri($"http://{names[i]}.test:8000/v1/"), local =>
                {
                    local.UseHandler(provider.CreateHandler());
                    local.Retry.MaximumAttempts = attempts;
                    if (attempts == 1) local.CircuitBreaker.MinimumAttempts = 1_000_000;
                });
            }

            builder.MapModel("chat", targets[..providers.Length]).UseDefaultModel("chat").UseLoggerFactory(KeyWatch.Loggers).UseTimeProvider(time).UseMode(mode);
            configure?.Invoke(builder);
        });

    public static FastClient Chain(TimeProvider time, params ProviderEmulator[] providers) => Chain(time, PerformanceMode.Balanced, null, providers);

    // Whatever fails, fails at the first attempt, however often: retries and breakers have tests of their own.
    public static void SendOnceThrough(this ProviderOptions options, HttpMessageHandler handler)
    {
        options.UseHandler(handler);
        options.Retry.MaximumAttempts = 1;
        options.CircuitBreaker.MinimumAttempts = 1_000_000;
    }

    // Reads a stream to its end. Continues inside ManualTimeProvider.Advance, so that virtual time cannot run ahead of the reader.
    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> stream)
    {
        List<T> all = [];
        await foreach (T item in stream.ConfigureAwait(false)) all.Add(item);
        return all;
    }

    // A wait that cannot hang the run.
    public static Task<T> Guarded<T>(this Task<T> task) => task.WaitAsync(Guard);

    public static Task Guarded(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Guarded<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Guard);
}
