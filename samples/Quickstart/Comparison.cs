using System.Globalization;
using HarborClient;

namespace Quickstart;

/// <summary>Streams one question through each provider in each mode and prints what came of it.</summary>
internal static class Comparison
{
    private static readonly string[] Columns = ["provider", "model", "mode", "first token", "total", "tokens", "cost", "cache"];

    internal static async Task<int> RunAsync(Action<HarborBuilder> addProviders, IEnumerable<string> models, string question)
    {
        await using var harbor = FastClient.Create(h => addProviders(h));
        foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>()) Console.WriteLine(harbor.Describe(mode));
        Console.WriteLine();

        // The first call of a process also loads code and opens a connection; it would be unfair to whoever comes first.
        List<string> failures = [];
        foreach (string model in models) await AskAsync(harbor, model, PerformanceMode.Fast, question, failures);
        failures.Clear();

        Print(Columns);
        foreach (string model in models)
        {
            foreach (PerformanceMode mode in Enum.GetValues<PerformanceMode>()) Print(await AskAsync(harbor, model, mode, question, failures));
        }

        foreach (string failure in failures) Console.WriteLine(failure);
        return failures.Count == 0 ? 0 : 1;
    }

    private static async Task<string[]> AskAsync(FastClient harbor, string model, PerformanceMode mode, string question, List<string> failures)
    {
        var options = new HarborChatOptions { ModelId = model, Mode = mode };
        try
        {
            List<ChatResponseUpdate> updates = [];
            await foreach (ChatResponseUpdate update in harbor.GetStreamingResponseAsync(question, options)) updates.Add(update);
            ChatResponse answer = updates.ToHarborResponse();
            HarborCallInfo info = answer.GetHarborInfo();
            return
            [
                info.Provider, info.Model, info.Mode.ToString(), Milliseconds(info.TimeToFirstUpdate), Milliseconds(info.Duration),
                $"{answer.Usage?.InputTokenCount?.ToString(CultureInfo.InvariantCulture) ?? "?"} + {answer.Usage?.OutputTokenCount?.ToString(CultureInfo.InvariantCulture) ?? "?"}",
                info.Cost?.ToString() ?? "unpriced",
                info.CacheLevel == CacheLevel.None ? "-" : info.CacheLevel.ToString(),
            ];
        }
        catch (HarborException e)
        {
            failures.Add($"{model} in {mode}: {e.Kind}: {e.Message}");
            string[] parts = model.Split('/', 2);
            return [parts[0], parts[1], mode.ToString(), "failed", "-", "-", "-", "-"];
        }
    }

    private static string Milliseconds(TimeSpan? time) => time is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalMilliseconds:F0} ms") : "-";

    private static void Print(string[] cells) =>
        Console.WriteLine($"{cells[0],-11} {cells[1],-20} {cells[2],-9} {cells[3],11} {cells[4],8} {cells[5],10} {cells[6],-11} {cells[7]}");
}
