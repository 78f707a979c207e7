using System.Diagnostics;
using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>Runs the functions of one answer: asks for approval one by one, then runs them, concurrently where that is allowed. Thread-safe; one per client.</summary>
internal sealed class ToolInvoker(ToolInvocationOptions options, CallServices services, IServiceProvider? provider)
{
    /// <summary>What the model is told of a function without a result.</summary>
    private const string NoResult = "Success: Function completed.";

    /// <summary>Runs what was planned.</summary>
    /// <param name="planned">At least one call.</param>
    /// <param name="describe">What an approval and a running function see of the call.</param>
    /// <param name="asks">Whether the approval is asked.</param>
    /// <param name="stop">What ends the call meanwhile.</param>
    /// <returns>The outcomes, in the order of the calls.</returns>
    internal async Task<ToolOutcome[]> InvokeAsync(List<PlannedCall> planned, Func<PlannedCall, ToolInvocation> describe, bool asks, ToolStop stop)
    {
        services.Counters.CallStarted();
        try
        {
            using CancellationTokenSource stopped = stop.Link();
            try
            {
                return await RunAllAsync(planned, describe, asks, stopped.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                stop.ThrowIfRequested();
                throw;
            }
        }
        finally
        {
            services.Counters.CallEnded();
        }
    }

    private async Task<ToolOutcome[]> RunAllAsync(List<PlannedCall> planned, Func<PlannedCall, ToolInvocation> describe, bool asks, CancellationToken stop)
    {
        var outcomes = new ToolOutcome[planned.Count];
        var runnable = new List<(int Index, ToolInvocation Invocation)>(planned.Count);
        for (int i = 0; i < outcomes.Length; i++)
        {
            PlannedCall call = planned[i];
            if (call.Function is null)
            {
                outcomes[i] = Told(call.Call, call.Answer!, call.IsFailure);
                continue;
            }

            ToolInvocation invocation = describe(call);
            ToolApproval approval = asks && options.Approval is { } hook ? await AskAsync(hook, invocation, stop).ConfigureAwait(false) : ToolApproval.Granted;
            if (approval.IsGranted) runnable.Add((i, invocation));
            else outcomes[i] = Told(call.Call, Refusal(approval.Reason), isFailure: false);
        }

        int next = -1;
        int workers = options.AllowConcurrentInvocation ? Math.Min(options.MaximumConcurrency, runnable.Count) : Math.Min(1, runnable.Count);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync())).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return outcomes;

        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref next) is int turn && turn < runnable.Count)
                outcomes[runnable[turn].Index] = await InvokeAsync(runnable[turn].Invocation, stop).ConfigureAwait(false);
        }
    }

    internal static string Refusal(string? reason) =>
        string.IsNullOrWhiteSpace(reason) ? "Error: The call of this function was not approved." : $"Error: The call of this function was not approved: {reason}";

    private static ToolOutcome Told(FunctionCallContent call, string text, bool isFailure, Exception? error = null) =>
        new(new FunctionResultContent(call.CallId, text) { Exception = error }, isFailure);

    private static async Task<ToolApproval> AskAsync(Func<ToolInvocation, CancellationToken, ValueTask<ToolApproval>> hook, ToolInvocation invocation, CancellationToken stop)
    {
        Task<ToolApproval>? asking = null;
        try
        {
            asking = hook(invocation, stop).AsTask();
            return await asking.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (stop.IsCancellationRequested)
        {
            // Nobody waits for its decision any more, and what it throws, now or later, says nothing new.
            _ = asking?.ContinueWith(static left => _ = left.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new OperationCanceledException(e.Message, e, stop);
        }
        catch (Exception e)
        {
            throw ErrorFactory.Setting(ErrorKind.Tool, $"The approval (ToolInvocation.UseApproval) threw when it was asked about the function '{ToolSet.Shown(invocation.Call.Name)}'.", e);
        }
    }

    private async Task<ToolOutcome> InvokeAsync(ToolInvocation invocation, CancellationToken stop)
    {
        using var clock = new ToolClock(services.Time, options.ToolTimeout, stop);
        using Activity? span = ToolSpan.StartFunction(invocation, services.Telemetry.CaptureMessageContent);

        // On a thread of its own: a function that blocks must hold up neither the others nor the clock.
        Task<object?> running = Task.Run(() => RunAsync(invocation, clock.Token), CancellationToken.None);
        try
        {
            object? result = await running.WaitAsync(clock.Token).ConfigureAwait(false);
            ToolSpan.SetResult(span, result, services.Telemetry.CaptureMessageContent);
            FunctionResultContent content = result is FunctionResultContent own && own.CallId == invocation.Call.CallId
                ? own
                : new FunctionResultContent(invocation.Call.CallId, result ?? NoResult);
            return new ToolOutcome(content, IsFailure: false, invocation.Terminate);
        }
        catch (Exception e)
        {
            // Not its own error: nobody waits for it any more, even if it has ended in this moment.
            if (!ReferenceEquals(running.Exception?.InnerException, e)) LeaveToItself(running, invocation);
            if (stop.IsCancellationRequested)
            {
                ToolSpan.Fail(span, "Cancelled");
                throw new OperationCanceledException(e.Message, e, stop);
            }

            return Failed(invocation, span, clock.HasRunOut, e);
        }
    }

    private ToolOutcome Failed(ToolInvocation invocation, Activity? span, bool hasRunOut, Exception error)
    {
        ToolSpan.Fail(span, hasRunOut ? nameof(ErrorKind.Timeout) : error.GetType().FullName!);
        if (hasRunOut)
        {
            Log.ToolTimedOut(services.Logger, invocation.Function.Name, options.ToolTimeout);
            error = new TimeoutException($"The function did not finish within {options.ToolTimeout}. ToolInvocation.ToolTimeout sets the limit.", error);
            return Told(invocation.Call, $"Error: Function did not finish within {options.ToolTimeout}.", isFailure: true, error) with { Terminates = invocation.Terminate };
        }

        Log.ToolFailed(services.Logger, invocation.Function.Name, error);
        string text = options.IncludeDetailedErrors ? $"Error: Function failed. {error.Message}" : "Error: Function failed.";
        return Told(invocation.Call, text, isFailure: true, error) with { Terminates = invocation.Terminate };
    }

    private async Task<object?> RunAsync(ToolInvocation invocation, CancellationToken token)
    {
        ToolInvocation.Current = invocation;

        // A copy: a function may change its arguments, and the model's call goes back to the model as it was.
        var arguments = new AIFunctionArguments(invocation.Call.Arguments is { } given ? new Dictionary<string, object?>(given, StringComparer.Ordinal) : null)
        {
            Services = provider,
            Context = new Dictionary<object, object?> { [typeof(ToolInvocation)] = invocation },
        };
        return await invocation.Function.InvokeAsync(arguments, token).ConfigureAwait(false);
    }

    /// <summary>Nobody waits for it any more; what it throws is logged and not lost.</summary>
    private void LeaveToItself(Task running, ToolInvocation invocation) => running.ContinueWith(
        ended =>
        {
            if (ended.Exception?.InnerException is { } error and not OperationCanceledException) Log.ToolFailedLate(services.Logger, invocation.Function.Name, error);
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
