namespace HarborClient.Tests.Face;

// A stage that shows each call or attempt that passes.
internal sealed class CallProbe(PipelineStage next, Action<Call> look) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        look(call);
        return Next.OpenAsync(call);
    }
}
