using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>One call of a function by a model, as the approval sees it before and the function itself while it runs.</summary>
/// <remarks>A function finds it in <see cref="Current"/>, or in <see cref="AIFunctionArguments.Context"/> under the key <c>typeof(ToolInvocation)</c>.</remarks>
public sealed class ToolInvocation
{
    private static readonly AsyncLocal<ToolInvocation?> Running = new();

    private bool _terminate;

    internal ToolInvocation(FunctionCallContent call, AIFunction function, int iteration, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        Call = call;
        Function = function;
        Iteration = iteration;
        Messages = messages;
        Options = options;
    }

    /// <summary>The call that the code is running in; <see langword="null"/> outside a function.</summary>
    public static ToolInvocation? Current
    {
        get => Running.Value;
        internal set => Running.Value = value;
    }

    /// <summary>The model's call, with its id and arguments.</summary>
    public FunctionCallContent Call { get; }

    /// <summary>The function.</summary>
    public AIFunction Function { get; }

    /// <summary>Which answer of the call this is: 1 for the first; 0 for a function that the caller's own messages approved.</summary>
    public int Iteration { get; }

    /// <summary>The conversation that the model answered, as it was sent. Not to be changed.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>The options of the call. Not to be changed.</summary>
    public ChatOptions? Options { get; }

    /// <summary>Whether the call ends with the results of this round and the model is not asked again. The other functions of the round still finish.</summary>
    public bool Terminate
    {
        get => Volatile.Read(ref _terminate);
        set => Volatile.Write(ref _terminate, value);
    }
}
