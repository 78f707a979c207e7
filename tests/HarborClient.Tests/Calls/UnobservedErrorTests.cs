using System.Collections.Concurrent;
using HarborClient.Testing;
using HarborClient.Tests.Embeddings;
using HarborClient.Tests.Pipeline;
using HarborClient.Tests.Tools;

namespace HarborClient.Tests.Calls;

// Whoever lets lost errors of tasks end the process, or alerts on them, hears of none from a call that was left.
public sealed class UnobservedErrorTests : IDisposable
{
    private readonly ConcurrentQueue<Exception> _lost = new();

    public UnobservedErrorTests() => TaskScheduler.UnobservedTaskException += OnLost;

    [Fact]
    public async Task A_function_that_throws_in_the_moment_of_the_cancellation()
    {
        CancellationTokenSource? source = null;
        var provider = new ProviderEmulator().Otherwise(ToolBox.Calls("boom"));
        await using FastClient client = ToolBox.Client(provider, TimeProvider.System, tools: o => o.UseApproval((_, _) =>
        {
            source!.Cancel();
            return ValueTask.FromResult(ToolApproval.Granted);
        }));
        AIFunction boom = ToolBox.Async("boom", _ => throw new LostException());

        for (int round = 0; round < 1000; round++)
        {
            using CancellationTokenSource own = source = new CancellationTokenSource();
            await client.Awaiting(c => c.GetResponseAsync("hi", ToolBox.With(boom), own.Token).Guarded()).Should().ThrowAsync<OperationCanceledException>();
        }

        Collect();
        _lost.Should().NotContain(error => error is LostException);
    }

    [Fact]
    public async Task A_cancelled_text_for_a_batch_of_a_client_that_was_disposed()
    {
        var entered = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        await using var host = new BatchHost(isHeld: false, more: h => h.AddStage(StageScope.Call, next => new DelegateStage(next, async (inner, call) =>
        {
            entered.SetResult();
            await released.Task;
            return await inner.OpenAsync(call);
        })));
        Task holding = host.Ask("holding");
        await entered.Task.Guarded();
        await host.DisposeAsync();
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await host.Ask("left", token: source.Token).Awaiting(call => call.Guarded()).Should().ThrowAsync<OperationCanceledException>();

        Collect();
        _lost.Should().NotContain(error => IsOf(error, source.Token));
        released.SetResult();
        await holding.Awaiting(call => call.Guarded()).Should().ThrowAsync<ObjectDisposedException>();
        host.Client.Outstanding().Should().Be(Outstanding.None);
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= OnLost;

    private static bool IsOf(Exception error, CancellationToken token) => error is OperationCanceledException cancelled && cancelled.CancellationToken == token;

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // Those of other tests too, which run at the same time.
    private void OnLost(object? sender, UnobservedTaskExceptionEventArgs lost) => _lost.Enqueue(lost.Exception.InnerException!);

    private sealed class LostException : Exception;
}
