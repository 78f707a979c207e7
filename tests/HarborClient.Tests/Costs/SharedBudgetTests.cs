using HarborClient.Testing;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Costs;

// Callers who ask the same at the same time, of whom the one who pays has no money left.
public sealed class SharedBudgetTests
{
    private static readonly string[] Words = [.. Enumerable.Range(0, 3_000).Select(i => $"word{i % 10} ")];

    [Theory]
    [InlineData(PerformanceMode.Balanced, true)]
    [InlineData(PerformanceMode.Balanced, false)]
    [InlineData(PerformanceMode.Full, true)]
    [InlineData(PerformanceMode.Full, false)]
    public async Task The_budget_of_the_one_who_pays_ends_its_own_answer_only(PerformanceMode mode, bool isStreaming)
    {
        // A host that does not keep to its maximum: the answer is cut off for the one with the small budget, whose request the other shares.
        var provider = new ProviderEmulator().Otherwise(EmulatedReply.Answer(Words).WithoutUsage());
        using var gate = new Gate(provider.CreateHandler());
        await using FastClient client = TestClients.OpenAI(gate, TimeProvider.System, mode, h => h
            .AddBudget("poor", Money.FromUsd(0.001m), b => b.User = "poor")
            .AddBudget("rich", Money.FromUsd(10), b => b.User = "rich"));

        Task<string> poor = AskAsync(client, "poor", isStreaming);
        Task<string> rich = AskAsync(client, "rich", isStreaming);
        client.Cache.Statistics.Coalesced.Should().Be(1);
        gate.Open();

        await FluentActions.Awaiting(() => poor.WaitAsync(TestClients.Guard)).Should().ThrowAsync<BudgetExceededException>();
        (await rich.WaitAsync(TestClients.Guard)).Should().Be(string.Concat(Words));
        provider.Attempts.Should().HaveCount(2);
        client.Costs.Budgets.Should().OnlyContain(budget => budget.Reserved == Money.Zero && budget.Spent > Money.Zero);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    private static async Task<string> AskAsync(FastClient client, string user, bool isStreaming)
    {
        var options = new HarborChatOptions { User = user, Temperature = 0, MaxOutputTokens = 100 };
        if (!isStreaming) return (await client.GetResponseAsync("hi", options)).Text;
        var text = new System.Text.StringBuilder();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", options)) text.Append(update.Text);
        return text.ToString();
    }

    // Answers when it is opened.
    private sealed class Gate(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _opened.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await _opened.Task.WaitAsync(cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
