using HarborClient.Testing;

namespace HarborClient.Tests.Shadows;

// The alias "chat" at the host "main", with a shadow at the host "trial", which bears a thousand requests at once.
internal sealed class ShadowHosts
{
    public const string Target = "main/m";
    public const string Shadow = "trial/m";

    public ManualTimeProvider Time { get; } = new();

    public ProviderEmulator Main { get; }

    public ProviderEmulator Trial { get; }

    public ShadowHosts()
    {
        Main = new ProviderEmulator(Time).Otherwise(EmulatedReply.Answer(["one", " two"]));
        Trial = new ProviderEmulator(Time).Otherwise(EmulatedReply.Answer(["eins", " zwei"]));
    }

    public FastClient Client(
        PerformanceMode mode = PerformanceMode.Balanced,
        Action<ModelMapBuilder>? map = null,
        Action<HarborBuilder>? configure = null,
        Action<LocalOptions>? trial = null,
        HttpMessageHandler? through = null) => FastClient.Create(builder =>
    {
        builder.AddLocal("main", new Uri("http://main.test:8000/v1/"), local => local.SendOnceThrough(Main.CreateHandler()));
        builder.AddLocal("trial", new Uri("http://trial.test:8000/v1/"), local =>
        {
            local.SendOnceThrough(through ?? Trial.CreateHandler());
            local.Limits.InitialInFlight = local.Limits.MaximumInFlight = 1000;
            trial?.Invoke(local);
        });
        builder.MapModel("chat", map ?? (chat => chat.Target(Target).Shadow(Shadow))).UseDefaultModel("chat").UseTimeProvider(Time).UseMode(mode).UseRandomSeed(1);
        configure?.Invoke(builder);
    });

    public static VariantStatus Status(FastClient client) => client.Health.Variants.Single(variant => variant.Role == VariantRole.Shadow);

    // Nothing runs any more, shadows included.
    public static async Task Settled(FastClient client)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (client.Outstanding() != Outstanding.None)
        {
            if (TimeProvider.System.GetElapsedTime(start) > TestClients.Guard) throw new TimeoutException($"Still held: {client.Outstanding()}.");
            await Task.Yield();
        }
    }

    public static async Task<string> AskAsync(FastClient client, bool isStreaming, string prompt = "hi", ChatOptions? options = null)
    {
        if (!isStreaming) return (await client.GetResponseAsync(prompt, options).Guarded()).Text;
        return string.Concat(await client.StreamTextAsync(prompt, options).ToListAsync().Guarded());
    }
}
