using HarborClient;
using HarborClient.Testing;
using Quickstart;

// Without keys everything runs against the emulator, on a real port of this machine. With keys, or with -- --replay DIR, see the README.
if (args is ["--replay", string folder]) return await Replay.RunAsync(folder);
if (args is ["--replay"] or ["--help" or "-h"])
{
    Console.WriteLine("Usage: [\"your question\"] | --replay DIR");
    return 1;
}

string question = args.Length > 0 ? string.Join(' ', args) : "Why is the sky blue?";
(RealProviders real, string? problem) = await RealProviders.FromEnvironmentAsync();
if (problem is not null)
{
    Console.WriteLine(problem);
    return 2;
}

if (real.Models.Count > 0)
{
    try
    {
        return await Comparison.RunAsync(real.AddTo, real.Models, question);
    }
    catch (HarborException e) when (e.Kind == ErrorKind.Configuration)
    {
        Console.WriteLine($"What the environment sets cannot be used: {e.Message}");
        return 2;
    }
}

await using EmulatorServer emulator = await new ProviderEmulator()
    .Otherwise(EmulatedReply.Answer("Air scatters blue light more than red, so the sky looks blue from every side.")
        .DelayBeforeFirstUpdate(TimeSpan.FromMilliseconds(40))
        .DelayBetweenUpdates(TimeSpan.FromMilliseconds(5)))
    .StartAsync();
Console.WriteLine($"No key is set for a provider that can be asked, so an emulator answers at {emulator.Endpoint}.");
Console.WriteLine();
await FirstSteps.RunAsync(emulator.Endpoint, "not-a-real-key", question);
Console.WriteLine();
return await Comparison.RunAsync(
    h => h
        .AddOpenAI("not-a-real-key", o => o.Endpoint = emulator.Endpoint)
        .AddClaude("not-a-real-key", o => o.Endpoint = emulator.Endpoint)
        .AddGemini("not-a-real-key", o => o.Endpoint = emulator.Endpoint)
        .AddZhipu("not-a-real-key", o => o.Endpoint = new Uri(emulator.Endpoint, "/api/paas/v4/"))
        .AddZhipuLocal(emulator.Endpoint)
        .AddLocal("lab", emulator.Endpoint),
    ["openai/gpt-4o-mini", "claude/claude-haiku-4-5", "gemini/gemini-2.5-flash", "zhipu/glm-4.5-flash", "zhipu-local/chatglm3-6b", "lab/small"],
    question);
