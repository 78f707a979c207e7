using HarborClient.Errors;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>How the functions that a model calls are run; see <see cref="HarborBuilder.UseToolInvocation"/>.</summary>
/// <remarks>Validated and copied when the client is built; changing it afterwards has no effect.</remarks>
public sealed class ToolInvocationOptions
{
    // Fields and not properties: the configuration binder must not try to bind them.
    internal Func<ToolInvocation, CancellationToken, ValueTask<ToolApproval>>? Approval;
    internal IReadOnlyList<AITool> AdditionalTools = [];

    /// <summary>Most rounds of functions in one call.</summary>
    /// <value>Default 10; 1 to 1,000.</value>
    /// <remarks>After the last round one more answer is asked for, with the tools switched off (<see cref="ChatToolMode.None"/>), and is returned whatever it holds.</remarks>
    public int MaximumIterations { get; set; } = 10;

    /// <summary>Whether the functions that one answer calls run at the same time.</summary>
    /// <value>Default <see langword="true"/>. Their results are in the order of the calls either way.</value>
    public bool AllowConcurrentInvocation { get; set; } = true;

    /// <summary>Most functions of one answer that run at the same time.</summary>
    /// <value>Default 8; 1 to 1,000. No effect without <see cref="AllowConcurrentInvocation"/>.</value>
    public int MaximumConcurrency { get; set; } = 8;

    /// <summary>Most rounds in a row in which a function fails, before the call fails with <see cref="ErrorKind.Tool"/>.</summary>
    /// <value>Default 3; 0 to 1,000. With 0 the first failure ends the call.</value>
    /// <remarks>An exception, a timeout, an unknown name and unreadable arguments are failures. A refused approval is none.</remarks>
    public int MaximumConsecutiveErrors { get; set; } = 3;

    /// <summary>Longest run of one function. The Total clock of the call rests meanwhile.</summary>
    /// <value>Default 5 min; 100 ms to 24 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    /// <remarks>A function that ignores its token is left to itself; the model is told that it did not finish.</remarks>
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the model sees the message of the exception that a function threw.</summary>
    /// <value>Default <see langword="false"/>: it is told only that the function failed. The exception is logged, and is in <see cref="FunctionResultContent.Exception"/>, either way.</value>
    public bool IncludeDetailedErrors { get; set; }

    /// <summary>Whether an answer that calls an unknown function is handed to the caller.</summary>
    /// <value>Default <see langword="false"/>: the model is told that there is no such function, and may correct itself.</value>
    public bool TerminateOnUnknownCalls { get; set; }

    /// <summary>Asks before every function that is about to run. A refusal and its reason are told to the model.</summary>
    /// <param name="approval">
    /// Called for one function at a time, in the order of the calls. The token is cancelled with the call. Its exceptions fail the call with
    /// <see cref="ErrorKind.Tool"/>.
    /// </param>
    /// <remarks>
    /// With it, functions wrapped in <see cref="ApprovalRequiredAIFunction"/> are asked for here too. Without it, an answer that calls one is returned with a
    /// <see cref="ToolApprovalRequestContent"/> in place of each call, and goes on when the caller sends the <see cref="ToolApprovalResponseContent"/>s.
    /// </remarks>
    public void UseApproval(Func<ToolInvocation, CancellationToken, ValueTask<ToolApproval>> approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        Approval = approval;
    }

    /// <summary>Adds functions that can be run although a call's <see cref="ChatOptions.Tools"/> lack them. They are not sent to the model.</summary>
    /// <param name="tools">The functions, for tools that the model knows otherwise, as from a stored prompt. Those in <see cref="ChatOptions.Tools"/> go first.</param>
    public void AddTools(params IEnumerable<AITool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        AITool[] added = [.. tools];
        if (Array.Exists(added, tool => tool is null)) throw new ArgumentException("One of the tools is null.", nameof(tools));
        AdditionalTools = [.. AdditionalTools, .. added];
    }

    internal ToolInvocationOptions Validated()
    {
        SettingCheck.Range(MaximumIterations, 1, 1000, "ToolInvocation.MaximumIterations");
        SettingCheck.Range(MaximumConcurrency, 1, 1000, "ToolInvocation.MaximumConcurrency");
        SettingCheck.Range(MaximumConsecutiveErrors, 0, 1000, "ToolInvocation.MaximumConsecutiveErrors");
        SettingCheck.Clock(ToolTimeout, "ToolInvocation.ToolTimeout", SettingCheck.OneDay);
        return (ToolInvocationOptions)MemberwiseClone();
    }
}
