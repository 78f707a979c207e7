using HarborClient.Testing;
using HarborClient.Tests.Face;

namespace HarborClient.Tests.Errors;

// Every kind there is, reached through the public client; a new one has to be added here.
public sealed class ErrorKindTests
{
    // Kinds that a later feature brings.
    private static readonly Dictionary<ErrorKind, string> Later = new() { [ErrorKind.Budget] = "AddBudget" };

    private static readonly Dictionary<ErrorKind, Func<Task<HarborException>>> Ways = new()
    {
        [ErrorKind.Authentication] = () => After(new ProviderEmulator().Then(401)),
        [ErrorKind.RateLimited] = () => After(new ProviderEmulator().Then(429)),
        [ErrorKind.QuotaExhausted] = () => After(new ProviderEmulator().ThenReply(EmulatedReply.Error(429, code: "insufficient_quota"))),
        [ErrorKind.InvalidRequest] = () => After(new ProviderEmulator().Then(400)),
        [ErrorKind.ContextTooLong] = () => After(new ProviderEmulator().ThenReply(EmulatedReply.Error(400, code: "context_length_exceeded"))),
        [ErrorKind.ContentFiltered] = () => After(new ProviderEmulator().ThenReply(EmulatedReply.Error(400, code: "content_filter"))),
        [ErrorKind.NotFound] = () => After(new ProviderEmulator().Then(404)),
        [ErrorKind.Overloaded] = () => After(new ProviderEmulator().Then(503)),
        [ErrorKind.Timeout] = TimeoutAsync,
        [ErrorKind.Network] = () => After(new ProviderEmulator().ThenReply(new EmulatedReply().ConnectionRefused())),
        [ErrorKind.Interrupted] = () => After(new ProviderEmulator().ThenReply(EmulatedReply.Answer("one two").CutAtByte(20))),
        [ErrorKind.Provider] = () => After(new ProviderEmulator().Then(500)),
        [ErrorKind.Configuration] = () => After(new ProviderEmulator().ThenReply(new EmulatedReply().RedirectTo(new Uri("https://elsewhere.example.test/v1/?key=1")))),
        [ErrorKind.NoPermittedTarget] = () => After(new ProviderEmulator(), new HarborChatOptions { AllowedTargets = ["nobody"] }),
        [ErrorKind.Conflict] = () => After(new ProviderEmulator().Then(409)),
        [ErrorKind.Tool] = ToolAsync,
        [ErrorKind.NoPermit] = NoPermitAsync,
        [ErrorKind.NotCached] = () => After(new ProviderEmulator(), new HarborChatOptions { Cache = CachePolicy.Only }),
        [ErrorKind.TooLarge] = () => After(new ProviderEmulator().Then(413)),
    };

    public static TheoryData<ErrorKind> Kinds => [.. Enum.GetValues<ErrorKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_is_reached_today_or_belongs_to_a_named_feature(ErrorKind kind)
    {
        if (Later.TryGetValue(kind, out string? feature))
        {
            feature.Should().NotBeEmpty();
            Ways.Should().NotContainKey(kind);
            return;
        }

        HarborException error = await Ways[kind]();

        error.Kind.Should().Be(kind);
        error.Message.Should().NotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task A_redirect_names_its_target_without_the_query_and_the_setting()
    {
        HarborException error = await Ways[ErrorKind.Configuration]();

        error.Message.Should().Contain("https://elsewhere.example.test/v1/").And.NotContain("key=1").And.Contain("Endpoint");
        ((int?)error.StatusCode).Should().Be(307);
    }

    private static async Task<HarborException> After(ProviderEmulator provider, ChatOptions? options = null)
    {
        await using FastClient client = Emulated.OpenAI(provider);
        return await client.FailureAsync(options: options);
    }

    private static async Task<HarborException> ToolAsync()
    {
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator().ThenReply(new EmulatedReply().ToolCall("c1", "broken", "{}")), h => h.UseToolInvocation(o => o.MaximumConsecutiveErrors = 0));
        AIFunction broken = AIFunctionFactory.Create(string () => throw new InvalidOperationException("no"), "broken");
        return await client.FailureAsync(options: new ChatOptions { Tools = [broken] });
    }

    private static async Task<HarborException> TimeoutAsync()
    {
        var time = new ManualTimeProvider();
        await using FastClient client = Emulated.OpenAI(new ProviderEmulator(time).ThenReply(new EmulatedReply().NeverAnswer()), h => h.UseTimeProvider(time));
        Task<HarborException> failure = client.FailureAsync(options: new HarborChatOptions { TotalTimeout = TimeSpan.FromSeconds(5) });
        await time.TimerSet(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        return await failure;
    }

    private static async Task<HarborException> NoPermitAsync()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time);
        await using FastClient client = FastClient.Create(h => h
            .AddLocal("lab", new Uri("http://lab.test:8000/v1/"), lab =>
            {
                lab.UseHandler(provider.ThenReply(new EmulatedReply().NeverAnswer()).CreateHandler());
                lab.Limits.MaximumInFlight = 1;
            })
            .UseDefaultModel("lab/small")
            .UseTimeProvider(time));
        using var leaving = new CancellationTokenSource();
        Task<ChatResponse> holder = client.GetResponseAsync("holds the only permit", cancellationToken: leaving.Token);
        Task<HarborException> failure = client.FailureAsync();
        await time.TimerSet(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        HarborException refused = await failure;
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => holder).Should().ThrowAsync<OperationCanceledException>();
        return refused;
    }
}
