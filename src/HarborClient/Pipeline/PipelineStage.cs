namespace HarborClient;

/// <summary>
/// One stage of the pipeline. It opens a call: it may refuse (throw), answer by itself, change the call, or open attempts through <see cref="Next"/>.
/// </summary>
/// <remarks>
/// A stage is shared by all calls and holds no per-call state: on the way in it gives the call a per-call object (<see cref="Call.Observe"/>,
/// <see cref="Call.OnCompleted"/>). It does not see single updates unless it asked to. Insert one with <see cref="HarborBuilder.AddStage"/>.
/// </remarks>
/// <param name="next">The stage inside this one.</param>
public abstract class PipelineStage(PipelineStage next)
{
    /// <summary>The stage inside this one.</summary>
    protected PipelineStage Next { get; } = next;

    /// <summary>The name that <see cref="FastClient.Describe"/> shows: the type's, without "Stage".</summary>
    public virtual string Name => GetType().Name is var name && name.EndsWith("Stage", StringComparison.Ordinal) ? name[..^5] : name;

    /// <summary>Opens the call. Returns when the first piece of the answer is buffered; everything that fails before that is thrown from here.</summary>
    /// <param name="call">The call, or one attempt of it.</param>
    /// <returns>The open answer. Whoever receives it reads it to the end or disposes it.</returns>
    public abstract ValueTask<UpdateReader> OpenAsync(Call call);

    internal PipelineStage? Inner => Next;
}
