using HarborClient.Testing;

namespace HarborClient.Tests.Hostile;

// Clients over hostile hosts, and the ways to ask them.
internal static class HostileClients
{
    public const string Key = "sk-secret-7Qm2xWv9-ABCDEFGHIJKLMNOP-0123456789";

    // Every mode, plain and streamed.
    public static IEnumerable<(PerformanceMode Mode, bool IsStreaming)> Ways =>
        from mode in Enum.GetValues<PerformanceMode>()
        from isStreaming in new[] { false, true }
        select (mode, isStreaming);

    public static FastClient One(
        HttpMessageHandler handler,
        TimeProvider? time = null,
        PerformanceMode mode = PerformanceMode.Balanced,
        Action<HarborBuilder>? configure = null,
        Action<OpenAIOptions>? options = null)
        => TestClients.OpenAI(handler, time ?? new ManualTimeProvider(), mode, configure, openAI =>
        {
            openAI.Keys.Clear();
            openAI.Keys.Add(Key);
            options?.Invoke(openAI);
        });

    // The alias "chat": "a/one", then "b/two".
    public static FastClient Two(HttpMessageHandler first, HttpMessageHandler second, TimeProvider? time = null, Action<HarborBuilder>? configure = null)
        => FastClient.Create(builder =>
        {
            builder
                .AddLocal("a", new Uri("http://a.test:8000/v1/"), local => local.SendOnceThrough(first))
                .AddLocal("b", new Uri("http://b.test:8000/v1/"), local => local.SendOnceThrough(second))
                .MapModel("chat", "a/one", "b/two").UseDefaultModel("chat").UseTimeProvider(time ?? new ManualTimeProvider());
            configure?.Invoke(builder);
        });

    public static async Task<string> TextAsync(this FastClient client, bool isStreaming, string prompt = "hi", ChatOptions? options = null, CancellationToken token = default)
    {
        if (!isStreaming) return (await client.GetResponseAsync(prompt, options, token)).Text;
        return string.Concat(await client.StreamTextAsync(prompt, options, token).ToListAsync());
    }

    public static async Task<List<FunctionCallContent>> ToolCallsAsync(this FastClient client, bool isStreaming, ChatOptions? options = null)
    {
        ChatResponse answer = isStreaming
            ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse()
            : await client.GetResponseAsync("hi", options);
        return [.. answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
    }

    public static string Argument(this FunctionCallContent call, string name) => call.Arguments?[name]?.ToString() ?? "none";

    // The error of a call, which has to be one of the library's own.
    public static async Task<HarborException> ErrorAsync(Func<Task> call, string because = "") =>
        (await call.Should().ThrowAsync<HarborException>(because)).Which;
}

// Passes everything on, as a user's own reader does.
internal sealed class PassingReader(UpdateReader inner, Action? onDispose = null) : UpdateReader
{
    public override ref readonly HarborUpdate Current => ref inner.Current;

    public override ValueTask<bool> ReadAsync() => inner.ReadAsync();

    public override ValueTask DisposeAsync()
    {
        onDispose?.Invoke();
        return inner.DisposeAsync();
    }
}

internal sealed class ThrowingObserver(Exception bug) : IUpdateObserver
{
    public Exception? OnUpdate(Call call, in HarborUpdate update) => throw bug;

    public void OnRestart()
    {
    }
}
