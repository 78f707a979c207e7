using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Clients;

/// <summary>A provider's protocol that the upstream speaks, and how HarborClient is set up for it.</summary>
/// <param name="Name">As it is shown.</param>
/// <param name="Model">The model that is asked.</param>
/// <param name="Endpoint">HarborClient's endpoint for a route of the upstream.</param>
/// <param name="Path">The path below it.</param>
/// <param name="Answers">What the upstream answers.</param>
/// <param name="Add">Registers the provider at an endpoint, with a handler of the caller's where there is one.</param>
internal sealed record Dialect(string Name, string Model, Func<Route, Uri, Uri> Endpoint, string Path, FixedAnswers Answers, Action<HarborBuilder, Uri, HttpMessageHandler?> Add)
{
    /// <summary>More than any measurement has in flight.</summary>
    private const int MostInFlight = 20_000;

    internal static readonly Dialect OpenAI = new("OpenAI", "openai/gpt-4o-mini", (route, server) => route.OpenAI(server), "chat/completions", FixedAnswers.OpenAI, (h, endpoint, handler) => h.AddOpenAI("key", o => SetUp(o, endpoint, handler)));

    internal static readonly Dialect Claude = new("Claude", "claude/claude-haiku-4-5", (route, server) => route.OpenAI(server), "messages", FixedAnswers.Claude, (h, endpoint, handler) => h.AddClaude("key", o => SetUp(o, endpoint, handler)));

    internal static Dialect Of(string name) => name == Claude.Name ? Claude : OpenAI;

    internal void Register(HarborBuilder builder, Uri endpoint, HttpMessageHandler? handler)
    {
        Add(builder, endpoint, handler);
        builder.UseDefaultModel(Model);
    }

    private static void SetUp(ProviderOptions options, Uri endpoint, HttpMessageHandler? handler)
    {
        options.Endpoint = endpoint;
        if (handler is not null) options.UseHandler(handler);

        // The upstream bears whatever comes. The limiter runs, and does not hold back what is measured.
        options.Limits.MaximumInFlight = MostInFlight;
        options.Limits.InitialInFlight = MostInFlight;
    }
}
