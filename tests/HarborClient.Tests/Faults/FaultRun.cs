using HarborClient.Testing;

namespace HarborClient.Tests.Faults;

// One fault, one mode, one way of calling: plays it in virtual time and keeps what was seen.
internal sealed class FaultRun : IAsyncDisposable
{
    public const int Tokens = 60;

    // Plain and streamed calls without clocks of their own end by it.
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    private readonly FaultWays _way;
    private readonly ManualTimeProvider _time = new();
    private readonly ProviderEmulator _a;
    private readonly ProviderEmulator _b;
    private readonly FastClient _client;

    // Set between two calls.
    private volatile bool _isHealed;

    public FaultRun(FaultCase fault, PerformanceMode mode, FaultWays way)
    {
        _way = way;
        _a = Host("a", fault.Primary);
        _b = Host("b", fault.Fallback);
        _client = FastClient.Create(builder =>
        {
            builder
                .AddLocal("a", new Uri("http://a.test:8000/v1/"), local =>
                {
                    local.UseHandler(_a.CreateHandler());
                    local.ContinuesAnswers = true;
                    for (int key = 1; key <= fault.Keys; key++) local.Keys.Add($"key-{key}-of-the-primary-7Qm2xWv9");
                })
                .AddLocal("b", new Uri("http://b.test:8000/v1/"), local =>
                {
                    local.UseHandler(_b.CreateHandler());
                    local.ContinuesAnswers = true;
                })
                .MapModel("chat", fault.HasFallback ? [$"a/{fault.Models.A}", $"b/{fault.Models.B}"] : [$"a/{fault.Models.A}"])
                .UseDefaultModel("chat").UseTimeProvider(_time).UseMode(mode).UseClocks(clocks => clocks.IdleTimeout = Idle);
        });
    }

    public string Got { get; private set; } = "";

    public ChatResponse? Answer { get; private set; }

    public HarborException? Error { get; private set; }

    public IReadOnlyList<HarborAttempt> Told { get; private set; } = [];

    public IReadOnlyList<EmulatedAttempt> AttemptsAtA { get; private set; } = [];

    public IReadOnlyList<EmulatedAttempt> AttemptsAtB { get; private set; } = [];

    public TimeSpan[] AskedA { get; private set; } = [];

    public TimeSpan[] AskedB { get; private set; } = [];

    public TimeSpan Took { get; private set; }

    public Outstanding Outstanding { get; private set; }

    public int InFlight { get; private set; }

    private MidStreamPolicy? MidStream => _way switch
    {
        FaultWays.Restart => MidStreamPolicy.Restart,
        FaultWays.Continue => MidStreamPolicy.Continue,
        _ => null,
    };

    public static string TextOf(string host) => string.Concat(Pieces(host));

    public async Task PlayAsync()
    {
        DateTimeOffset start = _time.GetUtcNow();
        Task<ChatResponse> call = CallAsync(new HarborChatOptions { TotalTimeout = Deadline, MidStream = MidStream });
        await _time.AdvanceUntil(call);
        Took = _time.GetUtcNow() - start;
        try
        {
            Answer = await call;
            Told = Answer.GetHarborInfo().Attempts;
            Got = Answer.Text == TextOf("a") ? "a" : Answer.Text == TextOf("b") ? "b" : $"\"{Answer.Text}\"";
        }
        catch (HarborException e)
        {
            Error = e;
            Told = e.Attempts;
            Got = Describe(e);
        }

        AttemptsAtA = _a.Attempts;
        AttemptsAtB = _b.Attempts;
        AskedA = [.. AttemptsAtA.Select(attempt => attempt.ReceivedAt - start)];
        AskedB = [.. AttemptsAtB.Select(attempt => attempt.ReceivedAt - start)];
        Outstanding = _client.Outstanding();
        InFlight = _a.InFlight + _b.InFlight;
    }

    // Everything is well again.
    public async Task<string> HealthyCallAsync()
    {
        _isHealed = true;
        Task<ChatResponse> call = CallAsync(new HarborChatOptions());
        await _time.AdvanceUntil(call);
        return (await call).Text;
    }

    public Outstanding OutstandingNow() => _client.Outstanding();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    public override string ToString() =>
        $"{Got} after {Took.TotalSeconds:0.###} s; a asked at {List(AskedA)}; b asked at {List(AskedB)}; error: {Error?.Message ?? "none"}; attempts: {string.Join("; ", Told)}";

    private static string List(TimeSpan[] times) => times.Length == 0 ? "–" : string.Join(", ", times.Select(time => $"{time.TotalSeconds:0.###}"));

    private static string Describe(HarborException error) => error switch
    {
        HarborTimeoutException timeout => $"{error.Kind} ({timeout.Clock})",
        StreamInterruptedException interrupted =>
            $"{error.Kind} after {interrupted.Partial.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length} tokens"
            + (interrupted.InnerException is HarborTimeoutException cause ? $" ({cause.Clock})" : ""),
        _ => error.Kind.ToString(),
    };

    private static IEnumerable<string> Pieces(string host) => Enumerable.Range(0, Tokens).Select(i => $"{host}{i} ");

    private ProviderEmulator Host(string name, Func<EmulatedAttempt, EmulatedReply?> rule) =>
        new ProviderEmulator(_time)
            .Otherwise(EmulatedReply.Answer(Pieces(name)))
            .Respond(attempt => _isHealed ? null : rule(attempt)?.Pieces([.. Pieces(name)]))
            .Respond(attempt => attempt.BodyText.Contains("continue_final_message", StringComparison.Ordinal) ? Rest(attempt) : null);

    // What is missing of an answer of "a" that the request ends with.
    private static EmulatedReply Rest(EmulatedAttempt attempt)
    {
        string begun = attempt.BodyJson!.Value.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
        return EmulatedReply.Answer(Pieces("a").Skip(begun.Split(' ').Length));
    }

    private async Task<ChatResponse> CallAsync(HarborChatOptions options) => _way == FaultWays.Plain
        ? await _client.GetResponseAsync("hi", options).ConfigureAwait(false)
        : (await _client.GetStreamingResponseAsync("hi", options).ToListAsync().ConfigureAwait(false)).ToHarborResponse();
}
