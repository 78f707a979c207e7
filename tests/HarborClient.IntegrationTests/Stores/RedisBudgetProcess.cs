using System.Diagnostics;
using System.Globalization;

namespace HarborClient.IntegrationTests.Stores;

// A process whose callers ask until their budget, which it shares over Redis, refuses them.
internal sealed class RedisBudgetProcess : IDisposable
{
    internal const string Name = "redis-budget";

    internal const int Callers = 8;

    internal static readonly Money Cap = Money.FromUsd(1);

    internal static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(3);

    // Nano-USD a token.
    internal const long InputPrice = 2_500, OutputPrice = 10_000;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private RedisBudgetProcess(Process process) => _process = process;

    internal static RedisBudgetProcess Start(string redis, string prefix, Uri host) => new(TestPrograms.Start(Name, redis, prefix, host.ToString()));

    internal static void Configure(HarborBuilder builder, Uri host, HttpMessageHandler? handler = null) => builder
        .AddLocal("lab", host, lab =>
        {
            if (handler is not null) lab.UseHandler(handler);
        })
        .UseDefaultModel("lab/model")
        .UseMode(PerformanceMode.Fast)
        .UsePrices(prices => prices.Models["lab/model"] = new ModelPrice { InputPerMillionTokens = 2.5m, OutputPerMillionTokens = 10 });

    // It has a client.
    internal Task<string> ReadyAsync() => ReadAsync();

    internal Task BeginAsync() => WriteAsync("run");

    // All of its callers were refused.
    internal Task<string> RefusedAsync() => ReadAsync();

    // How the budget stands as far as it knows: spent, reserved.
    internal async Task<(long Spent, long Reserved)> StatusAsync()
    {
        await WriteAsync("status");
        string[] words = (await ReadAsync()).Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    // It disposes its client.
    internal async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
    }

    // As kill -9 does.
    internal async Task KillAsync()
    {
        _process.Kill();
        using var guard = new CancellationTokenSource(Guard);
        await _process.WaitForExitAsync(guard.Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    // The other process.
    internal static async Task RunAsync(string redis, string prefix, string host)
    {
        await using FastClient client = FastClient.Create(builder =>
        {
            Configure(builder, new Uri(host));
            builder.AddBudget("team", Cap).UseRedisBudgets(redis, sharing => sharing.LeaseTime = LeaseTime, prefix);
        });
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            if (line == "run")
            {
                await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(client)));
                Console.WriteLine("refused");
            }
            else
            {
                BudgetStatus status = client.Costs.Budgets[0];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{status.Spent.NanoUsd} {status.Reserved.NanoUsd}"));
            }
        }
    }

    private static async Task CallAsync(FastClient client)
    {
        while (true)
        {
            try
            {
                await client.GetResponseAsync("hi", new ChatOptions { MaxOutputTokens = 200 }).ConfigureAwait(false);
            }
            catch (BudgetExceededException e) when (e.Partial is not null)
            {
                // The last ones are cut short.
            }
            catch (HarborException e) when (e.Kind == ErrorKind.Budget)
            {
                // No room, or Redis took too long.
                return;
            }
        }
    }

    private async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    private async Task<string> ReadAsync()
    {
        using var guard = new CancellationTokenSource(Guard);
        return await _process.StandardOutput.ReadLineAsync(guard.Token) ?? throw new InvalidOperationException("The process ended by itself.");
    }
}
