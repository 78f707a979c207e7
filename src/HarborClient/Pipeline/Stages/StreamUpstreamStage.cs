namespace HarborClient.Pipeline.Stages;

/// <summary>Has plain chat calls streamed by the provider: a stalled or cut answer is noticed by the FirstUpdate and Idle clocks, and starts over unseen.</summary>
internal sealed class StreamUpstreamStage(PipelineStage next) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        if (call.Operation == CallOperation.Chat) call.StreamsUpstream = true;
        return Next.OpenAsync(call);
    }
}
