using System.Runtime.CompilerServices;
using HarborClient.Errors;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Asks the targets of a call in order, each once and at once, until one begins to answer. Transient and capacity errors move on to the next target;
/// what would be wrong everywhere (a bad request, a rejected key, a context that is too long) does not, nor does filtered content unless the alias says so.
/// </summary>
internal sealed class FailoverStage(PipelineStage next) : PipelineStage(next)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<UpdateReader> OpenAsync(Call call)
    {
        // A stage of the user's that opens attempts itself has chosen the target.
        if (call.Target is not null) return await Next.OpenAsync(call).ConfigureAwait(false);
        IReadOnlyList<Target> targets = call.Settings.Permitted(call.Targets, call.RequestedModel);
        OpenAttempt first = await OpenFromAsync(call, targets, 0).ConfigureAwait(false);
        return Restarts(call) ? new RestartReader(this, call, targets, first) : first.Reader;
    }

    /// <summary>Opens an attempt at the first target from <paramref name="position"/> on that begins to answer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<OpenAttempt> OpenFromAsync(Call call, IReadOnlyList<Target> targets, int position)
    {
        while (true)
        {
            Call attempt = call.BeginAttempt(targets[position]);
            try
            {
                UpdateReader reader = await Next.OpenAsync(attempt).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
                call.Adopt(attempt);
                return new OpenAttempt(reader, position);
            }
            catch (Exception e)
            {
                attempt.End(CallOutcome.From(e));
                if (!MovesOn(call, e) || position + 1 == targets.Count) throw;
                Log.FailedOver(call.Services.Logger, targets[position].Name, ((HarborException)e).Kind, targets[position + 1].Name, e.Message);
            }

            position++;
        }
    }

    /// <summary>Whether another target may succeed where this one failed, and there is time left to ask it.</summary>
    private static bool MovesOn(Call call, Exception error) => error switch
    {
        HarborTimeoutException { Clock: HarborClock.Total } => false,
        HarborException
        {
            Kind: ErrorKind.RateLimited or ErrorKind.QuotaExhausted or ErrorKind.Overloaded or ErrorKind.Timeout or ErrorKind.Network or ErrorKind.Interrupted or ErrorKind.Provider,
        } => !call.IsPastDeadline,
        HarborException { Kind: ErrorKind.ContentFiltered } => call.Request.Alias.FailsOverOnContentFilter && !call.IsPastDeadline,
        _ => false,
    };

    /// <summary>A plain call that is streamed upstream has shown nothing yet, so its cut answer always starts over.</summary>
    private static bool Restarts(Call call) => call.StreamsUpstream && (!call.IsStreaming || call.Settings.MidStream == MidStreamPolicy.Restart);
}
