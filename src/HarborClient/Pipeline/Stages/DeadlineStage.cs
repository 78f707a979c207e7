namespace HarborClient.Pipeline.Stages;

/// <summary>Starts the Total clock: every attempt and wait below is bounded by what is left of it.</summary>
internal sealed class DeadlineStage(PipelineStage next) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        call.SetDeadline(call.Settings.TotalTimeout);
        return Next.OpenAsync(call);
    }
}
