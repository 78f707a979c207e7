using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// The alias "chat" over "a/one" and "b/two" in Full, with hedging switched on, and all that a hedge needs known: enough calls have gone by that "a" has a usual
// time to its first update, and that a hedge is paid for.
internal sealed class HedgedHosts : IAsyncDisposable
{
    // More than the 20 that make a usual time, and the 20 that pay for one hedge.
    public const int WarmUp = 60;

    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);

    public HedgedHosts(Action<HarborBuilder>? configure = null, Action<LocalOptions>? atA = null, Action<LocalOptions>? atB = null, PerformanceMode mode = PerformanceMode.Full)
    {
        A = new ProviderEmulator(Time).Otherwise(Answer("from a"));
        B = new ProviderEmulator(Time).Otherwise(Answer("from b"));
        Client = FastClient.Create(builder =>
        {
            builder
                .AddLocal("a", new Uri("http://a.test:8000/v1/"), Through(A, atA))
                .AddLocal("b", new Uri("http://b.test:8000/v1/"), Through(B, atB))
                .MapModel("chat", "a/one", "b/two").UseDefaultModel("chat").UseTimeProvider(Time).UseMode(mode).UseRandomSeed(1).UseHedging();
            configure?.Invoke(builder);
        });
    }

    public ManualTimeProvider Time { get; } = new();

    public ProviderEmulator A { get; }

    public ProviderEmulator B { get; }

    public FastClient Client { get; }

    // Small prompts and answers long enough to pay for a hedge.
    public static EmulatedReply Answer(string text) => EmulatedReply.Answer(text).Usage(10, 90);

    public static EmulatedReply Late(string text) => Answer(text).DelayBeforeFirstUpdate(Slow);

    // Makes "a" known.
    public async Task<HedgedHosts> WarmAsync(int calls = WarmUp, ChatOptions? options = null)
    {
        for (int i = 0; i < calls; i++) await Client.GetResponseAsync("hi", options);
        return this;
    }

    public async Task<ChatResponse> AskAsync(ChatOptions? options = null)
    {
        Task<ChatResponse> call = Client.GetResponseAsync("hi", options);
        await Time.AdvanceUntil(call);
        return await call;
    }

    // A loser that was cancelled gives back what its handler held as soon as that has noticed.
    public async Task ShouldSettleAsync()
    {
        DateTime end = DateTime.UtcNow + TestClients.Guard;
        while (Client.Outstanding() != Outstanding.None && DateTime.UtcNow < end) await Task.Yield();
        Client.Outstanding().Should().Be(Outstanding.None);
        Client.Health.Targets.Should().OnlyContain(target => target.InFlight == 0);
    }

    public static IEnumerable<HarborDecision> Hedges(ChatResponse answer) => answer.GetHarborInfo().Decisions.Where(decision => decision.Kind == DecisionKind.Hedge);

    public ValueTask DisposeAsync() => Client.DisposeAsync();

    private static Action<LocalOptions> Through(ProviderEmulator host, Action<LocalOptions>? configure) => local =>
    {
        local.UseHandler(host.CreateHandler());
        configure?.Invoke(local);
    };
}
