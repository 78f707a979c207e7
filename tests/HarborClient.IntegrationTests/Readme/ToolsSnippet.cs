using System.Text.Json.Serialization;

namespace HarborClient.IntegrationTests.Readme;

internal sealed record Forecast(string City, double Celsius);

[JsonSerializable(typeof(Forecast))]
internal sealed partial class Json : JsonSerializerContext;

// The README's example of tools, typed answers and tokens. Compiled and not run: what it shows is tested with the emulator elsewhere.
internal static class ToolsSnippet
{
    internal static async Task<long> RunAsync(string key)
    {
        // <readme>
        await using var harbor = FastClient.Create(h => h.AddClaude(key).UseDefaultModel("claude/claude-haiku-4-5").UseToolInvocation());

        // Runs the functions that the model calls, several at once, until it answers. Each round is a call of its own, with failover and clocks.
        AIFunction weather = AIFunctionFactory.Create((string city) => $"Rain in {city}, 7 °C", "get_weather");
        ChatResponse answer = await harbor.GetResponseAsync("Do I need an umbrella in Oslo?", new ChatOptions { Tools = [weather] });

        // Asks for JSON of the type (a record in a JsonSerializerContext named Json), checks it, and asks once more, with the error, if it does not fit.
        HarborResponse<Forecast> typed = await harbor.GetResponseAsync("Oslo tomorrow?", Json.Default.Forecast);
        Console.WriteLine($"{typed.Result.City}: {typed.Result.Celsius} °C");

        long tokens = await harbor.CountTokensAsync([new ChatMessage(ChatRole.User, "How long is this?")]);
        // </readme>
        return tokens + answer.Messages.Count;
    }
}
