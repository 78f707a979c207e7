using System.Runtime.ExceptionServices;
using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Embeddings;

/// <summary>A call that is too large for one request: several requests, a few at a time, put together in order. One that fails fails the call, and stops the others.</summary>
internal sealed class SplitEmbeddings(CallFactory calls, EmbeddingLane lane, CallRequest request, CallSettings settings, CancellationToken callerToken)
{
    private readonly long _startedAt = calls.Services.Time.GetTimestamp();
    private Exception? _failure;
    private int _next = -1;

    internal async Task<EmbeddingResult> RunAsync(List<Range> pieces)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(callerToken);
        string[] inputs = [.. request.Inputs];
        var results = new EmbeddingResult[pieces.Count];
        var workers = new Task[Math.Min(pieces.Count, lane.Limits.MaxConcurrentBatches)];
        for (int i = 0; i < workers.Length; i++) workers[i] = WorkAsync(inputs, pieces, results, stop);
        await Task.WhenAll(workers).ConfigureAwait(false);
        if (_failure is not null) ExceptionDispatchInfo.Throw(Shown(_failure));
        return Join(results, calls.Services.Time.GetElapsedTime(_startedAt));
    }

    private async Task WorkAsync(string[] inputs, List<Range> pieces, EmbeddingResult[] results, CancellationTokenSource stop)
    {
        while (Interlocked.Increment(ref _next) is var i && i < pieces.Count && Volatile.Read(ref _failure) is null)
        {
            lane.Enter();
            try
            {
                results[i] = await AskAsync(inputs[pieces[i]], stop.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
                await stop.CancelAsync().ConfigureAwait(false);
            }
            finally
            {
                lane.Leave();
            }
        }
    }

    private async Task<EmbeddingResult> AskAsync(string[] inputs, CancellationToken token)
    {
        (Call call, PipelineStage pipeline) = calls.Begin(request.For(inputs, request.EmbeddingOptions), settings.Within(Remaining()), isStreaming: false, token);
        EmbeddingResult result = await PlainEdge.RunEmbeddingsAsync(call, pipeline).ConfigureAwait(false);
        if (result.Vectors.Length == inputs.Length) return result;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"A stage (AddStage) answered {inputs.Length} texts with {result.Vectors.Length} vectors.");
    }

    /// <summary>All requests share one duration.</summary>
    private TimeSpan Remaining()
    {
        if (settings.TotalTimeout == Timeout.InfiniteTimeSpan) return settings.TotalTimeout;
        TimeSpan remaining = settings.TotalTimeout - calls.Services.Time.GetElapsedTime(_startedAt);
        return remaining > TimeSpan.Zero ? remaining : throw ErrorFactory.Timeout(HarborClock.Total, settings.TotalTimeout, request.Targets[0].Provider, request.Targets[0].Model, null);
    }

    private Exception Shown(Exception error)
    {
        // The caller knows its own token, not the one that stops the others, and its own duration, not what was left of it.
        if (error is OperationCanceledException && callerToken.IsCancellationRequested) return new OperationCanceledException("The call was cancelled by its caller.", error, callerToken);
        if (error is not HarborTimeoutException { Clock: HarborClock.Total } late) return error;
        HarborException shown = ErrorFactory.Timeout(HarborClock.Total, settings.TotalTimeout, late.Provider!, late.Model!, late);
        shown.Attempts = late.Attempts;
        return shown;
    }

    /// <summary>The results of several requests as those of one, in their order.</summary>
    internal static EmbeddingResult Join(IReadOnlyList<EmbeddingResult> results, TimeSpan duration)
    {
        UsageDetails? usage = null;
        Money? cost = Money.Zero;
        foreach (EmbeddingResult result in results)
        {
            cost = cost is { } sum && result.Info.Cost is { } more ? sum + more : null;
            if (result.Usage is { } own) (usage ??= new UsageDetails()).Add(own);
        }

        HarborCallInfo info = CallInfo.Of([.. results.Select(result => result.Info)], duration, cost);
        return new EmbeddingResult([.. results.SelectMany(result => result.Vectors)], usage, results[^1].Model, info);
    }
}
