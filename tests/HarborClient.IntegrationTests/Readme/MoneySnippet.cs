namespace HarborClient.IntegrationTests.Readme;

// The README's example of budgets, keys and prices. Compiled and not run: what it shows is tested with the emulator elsewhere.
internal static class MoneySnippet
{
    internal static async Task RunAsync(Uri labEndpoint, string question)
    {
        // <readme>
        await using var harbor = FastClient.Create(h => h
            .AddOpenAI(o =>
            {
                o.UseSecrets(SecretSources.Folder("/run/secrets"), "openai-1", "openai-2");    // read again every minute: changed without a restart
                o.KeyQuota.UsdPerDay = 20;                                                  // for each key
            })
            .AddLocal("lab", labEndpoint)
            .UsePrices(p => p.Models["lab/small"] = new ModelPrice { PerGpuSecond = 2.5m / 3600 })    // or InputPerMillionTokens and OutputPerMillionTokens
            .AddBudget("tenant", Money.FromUsd(100), b => b.Each = BudgetEach.Tenant)       // a hard cap for each, the calendar month in UTC
            .AddBudget("tenant, early", Money.FromUsd(70), b =>
            {
                b.Each = BudgetEach.Tenant;
                b.IsHard = false;                                                           // only tells
                b.Thresholds.Clear();
                b.Thresholds.Add(1);
            })
            .AddBudget("search", Money.FromUsd(5), b =>
            {
                b.Window = BudgetWindow.CalendarDay(TimeZoneInfo.Local);
                b.Tags["team"] = "search";
            }));

        harbor.Costs.Alert += (_, alert) => Console.WriteLine(alert.Message);               // in the log too; to an address with UseAlerts
        var options = new HarborChatOptions { ModelId = "openai/gpt-4o-mini", Tenant = "acme", MaxOutputTokens = 500 };
        ChatResponse answer = await harbor.GetResponseAsync(question, options);
        Console.WriteLine($"{answer.GetHarborInfo().Cost} of {harbor.Costs.Budgets[0]}");
        foreach (CostRow row in await harbor.Costs.ReportAsync(DateTimeOffset.UtcNow.AddDays(-7), DateTimeOffset.UtcNow, CostGroup.Tenant))
            Console.WriteLine($"{row.Key}: {row.Cost} for {row.Calls} calls, {row.Unpriced} attempts without a price");
        // </readme>
    }
}
