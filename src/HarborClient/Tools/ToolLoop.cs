using System.Diagnostics;
using HarborClient.Edge;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>
/// Asks a model, runs the functions it calls, and asks again with their results, until it answers. Stands above the pipeline; see <see cref="ToolRun"/>.
/// Thread-safe; one per client that has it switched on.
/// </summary>
internal sealed class ToolLoop(CallFactory calls, ToolInvocationOptions options, IServiceProvider? provider)
{
    private readonly ToolInvoker _invoker = new(options, calls.Services, provider);

    internal CancellationToken Shutdown => calls.Services.Shutdown;

    /// <summary>Whether a call has functions that can be run. Others take the way they take without the loop.</summary>
    internal bool Serves(ChatOptions? given)
    {
        if (options.AdditionalTools.Count > 0) return true;
        if (given?.Tools is not { Count: > 0 } tools) return false;
        foreach (AITool tool in tools)
        {
            if (tool is AIFunction) return true;
        }

        return false;
    }

    /// <summary>Runs a plain call to its end.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="given">The caller's options.</param>
    /// <param name="spent">What an earlier call has used of the Total clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    internal async Task<HarborChatResponse> RunAsync(IEnumerable<ChatMessage> messages, ChatOptions? given, TimeSpan spent, CancellationToken cancellationToken)
    {
        Activity? span = ToolSpan.StartLoop();
        var stop = new ToolStop(cancellationToken, default, default, Shutdown);
        ToolRun? run = null;
        try
        {
            run = BeginRun(messages, given, isStreaming: false, spent);
            await run.ResumeAsync(stop).ConfigureAwait(false);
            while (!run.IsTerminated)
            {
                (Call call, PipelineStage pipeline) = run.Begin(cancellationToken);
                ChatResponse answer = await PlainEdge.RunChatAsync(call, pipeline).ConfigureAwait(false);
                if (run.Take(answer) is not { } planned) break;
                await run.InvokeAsync(planned, stop).ConfigureAwait(false);
            }

            HarborChatResponse response = run.ToResponse();
            ToolSpan.End(span, null);
            return response;
        }
        catch (Exception e)
        {
            run?.Complete(e);
            ToolSpan.End(span, e);
            throw;
        }
    }

    internal ToolRun BeginRun(IEnumerable<ChatMessage> messages, ChatOptions? given, bool isStreaming, TimeSpan spent = default) =>
        new(calls, options, _invoker, messages, given, isStreaming, spent);
}
