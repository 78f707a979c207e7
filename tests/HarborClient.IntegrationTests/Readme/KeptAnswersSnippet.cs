namespace HarborClient.IntegrationTests.Readme;

// The README's example of kept answers. Compiled and not run: what it shows is tested with the emulator elsewhere.
internal static class KeptAnswersSnippet
{
    internal static async Task RunAsync(string openAIKey, string question)
    {
        // <readme>
        await using var harbor = FastClient.Create(h => h
            .AddOpenAI(openAIKey)
            .UseDefaultModel("openai/gpt-4o-mini")
            .UseMode(PerformanceMode.Full)                                  // Balanced keeps answers in memory only
            .UseRedisCache("redis1:6379")                                   // the package HarborClient.Redis
            .UseSqliteCache("answers.db")                                   // the package HarborClient.Sqlite
            .UseCache(c => c.StaleFor = TimeSpan.FromHours(6)));            // an expired answer serves while the provider is down

        // Kept because of its temperature of 0; what is not deterministic is kept with CachePolicy.Always.
        ChatResponse answer = await harbor.GetResponseAsync(question, new HarborChatOptions { Temperature = 0, Tenant = "acme" });
        HarborCallInfo info = answer.GetHarborInfo();
        Console.WriteLine($"from {info.CacheLevel}, saved {info.SavedCost}");
        // </readme>
    }
}
