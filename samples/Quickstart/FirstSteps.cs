using HarborClient;

namespace Quickstart;

/// <summary>The ten lines of the README: one client, one answer, one stream.</summary>
internal static class FirstSteps
{
    internal static async Task RunAsync(Uri labEndpoint, string openAIKey, string question)
    {
        // <readme>
        await using var harbor = FastClient.Create(h => h
            .AddLocal("lab", labEndpoint)                           // vLLM, SGLang, llama.cpp, Ollama: models "lab/…"
            .AddOpenAI(openAIKey)                                   // models "openai/…"
            .MapModel("chat", "lab/small", "openai/gpt-4o-mini")    // asked in this order until one answers
            .UseDefaultModel("chat"));

        ChatResponse answer = await harbor.GetResponseAsync(question);
        Console.WriteLine($"{answer.GetHarborInfo().Provider} says: {answer.Text}");

        HarborTextStream stream = harbor.StreamTextAsync(question, new HarborChatOptions { Mode = PerformanceMode.Fast });
        await foreach (string piece in stream) Console.Write(piece);
        Console.WriteLine($" ({stream.Info?.TimeToFirstUpdate?.TotalMilliseconds:F0} ms to the first piece)");
        // </readme>
    }
}
