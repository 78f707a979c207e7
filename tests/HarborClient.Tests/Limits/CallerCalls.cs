using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// What the tests of limits per caller share: a provider that answers everything, and calls in the name of somebody.
public abstract class CallerCalls
{
    protected CallerCalls() => Provider = new ProviderEmulator(Time).Otherwise(EmulatedReply.Answer("alive and well"));

    public static TheoryData<PerformanceMode, bool> ModesAndWays => Calls.CallEndings.ModesAndWays;

    public static TheoryData<PerformanceMode> Modes => TestClients.Modes;

    protected ManualTimeProvider Time { get; } = new();

    protected ProviderEmulator Provider { get; }

    protected FastClient Client(Action<CallerLimitOptions> limits, PerformanceMode mode = PerformanceMode.Balanced, Action<HarborBuilder>? more = null) =>
        TestClients.OpenAI(Provider, Time, mode, builder =>
        {
            builder.UseCallerLimits(limits);
            more?.Invoke(builder);
        });

    protected static HarborChatOptions By(string? user, string? tenant = null, int? maxOutputTokens = null) => new() { User = user, Tenant = tenant, MaxOutputTokens = maxOutputTokens };

    protected static async Task<string> AskAsync(FastClient client, HarborChatOptions options, bool isStreaming = false, string prompt = "hi", CancellationToken token = default)
    {
        if (!isStreaming) return (await client.GetResponseAsync(prompt, options, token).Guarded()).Text;
        return string.Concat(await client.StreamTextAsync(prompt, options, token).ToListAsync().Guarded());
    }

    protected static async Task<HarborException> RefusedAsync(FastClient client, HarborChatOptions options, bool isStreaming = false, string prompt = "hi")
    {
        Func<Task> call = () => AskAsync(client, options, isStreaming, prompt);
        HarborException refusal = (await call.Should().ThrowAsync<HarborException>()).Which;
        refusal.Kind.Should().Be(ErrorKind.RateLimited);
        refusal.IsTransient.Should().BeTrue();
        refusal.Attempts.Should().BeEmpty();
        return refusal;
    }

    protected static async Task SpendAsync(FastClient client, int calls, HarborChatOptions options)
    {
        for (int i = 0; i < calls; i++) await AskAsync(client, options);
    }
}
