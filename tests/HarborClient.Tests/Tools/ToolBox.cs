using HarborClient.Testing;

namespace HarborClient.Tests.Tools;

// Clients with the tool loop switched on, and functions that show how they were run.
internal static class ToolBox
{
    public static FastClient Client(
        ProviderEmulator provider,
        TimeProvider time,
        PerformanceMode mode = PerformanceMode.Balanced,
        Action<ToolInvocationOptions>? tools = null,
        Action<HarborBuilder>? more = null) =>
        TestClients.OpenAI(provider, time, mode, builder =>
        {
            builder.UseToolInvocation(tools);
            more?.Invoke(builder);
        });

    public static EmulatedReply Calls(params string[] names)
    {
        var reply = new EmulatedReply();
        for (int i = 0; i < names.Length; i++) reply = reply.ToolCall($"call_{names[i]}_{i}", names[i], "{\"city\":", "\"Oslo\"}");
        return reply;
    }

    public static AIFunction Weather(Func<string, string>? answer = null, string name = "weather") =>
        AIFunctionFactory.Create((string city) => answer is null ? $"rain in {city}" : answer(city), name, "The weather.");

    public static AIFunction Async(string name, Func<CancellationToken, Task<string>> run) => AIFunctionFactory.Create(run, name);

    public static ChatOptions With(params AITool[] tools) => new HarborChatOptions { Tools = [.. tools] };

    // The same call, plain or as a stream that is folded.
    public static async Task<ChatResponse> AnswerAsync(this FastClient client, ChatOptions options, bool isStreaming) =>
        isStreaming ? (await client.GetStreamingResponseAsync("hi", options).ToListAsync()).ToHarborResponse() : await client.GetResponseAsync("hi", options);

    public static IEnumerable<FunctionResultContent> Results(this ChatResponse response) => response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>();

    // The messages of a request as role: text, calls as name, results as their text.
    public static IEnumerable<string> Sent(this ProviderEmulator provider, int attempt) =>
        provider.Attempts[attempt].BodyJson!.Value.GetProperty("messages").EnumerateArray().Select(message =>
            message.GetProperty("role").GetString() + ": " + (message.TryGetProperty("tool_calls", out var calls)
                ? string.Join(",", calls.EnumerateArray().Select(call => call.GetProperty("function").GetProperty("name").GetString()))
                : message.GetProperty("content").GetString()));
}
