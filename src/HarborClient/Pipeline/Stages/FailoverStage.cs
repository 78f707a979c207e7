using System.Runtime.CompilerServices;
using HarborClient.Errors;
using HarborClient.Tokens;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Asks the targets of a call in order, each once, until one begins to answer. Targets that are being left alone are passed over, and come last. Transient
/// and capacity errors move on to the next target; what would be wrong everywhere (a bad request, a rejected key) does not. <see cref="Failover"/> has the rules.
/// </summary>
/// <param name="next">The stage that opens an attempt.</param>
/// <param name="tokens">Reckons what a broken answer has used.</param>
/// <param name="waits">Whether a call waits when all targets are left alone, and a plain one starts over at the same target where there is no other.</param>
internal sealed class FailoverStage(PipelineStage next, TokenEstimator tokens, bool waits) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        // A stage of the user's that opens attempts itself has chosen the target.
        if (call.Target is not null) return Next.OpenAsync(call);
        call.Candidates = Failover.CandidatesOf(call);
        if (call.Services.Spending is { } spending) call.Candidates = spending.Order(call, call.Candidates);
        return call.StreamsUpstream ? OpenStreamAsync(call) : OpenNextAsync(call);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpdateReader> OpenStreamAsync(Call call)
    {
        UpdateReader first = await OpenNextAsync(call).ConfigureAwait(false);

        // A plain call that is streamed upstream has shown nothing yet, so its cut answer always starts over.
        if (!call.IsStreaming || call.Settings.MidStream == MidStreamPolicy.Restart) return new RestartReader(this, call, first);
        return call.Settings.MidStream == MidStreamPolicy.Continue && Continuation.IsPossible(call) ? new ContinueReader(this, tokens, call, first) : first;
    }

    /// <summary>Opens an attempt at the next target that begins to answer.</summary>
    /// <param name="call">The root.</param>
    /// <param name="again">A target that is asked once more, before the others.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<UpdateReader> OpenNextAsync(Call call, Target? again = null)
    {
        HarborException? failure = null;
        while (true)
        {
            Call? repeated = again is null ? null : await Failover.TryRepeatAsync(call, again, route: null).ConfigureAwait(false);
            Call attempt = repeated ?? Failover.TryBegin(call, failure) ?? await Failover.WaitAsync(call, failure, waits).ConfigureAwait(false);
            try
            {
                UpdateReader reader = await Next.OpenAsync(attempt).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
                call.Adopt(attempt, reader);
                return reader;
            }
            catch (Exception e)
            {
                attempt.End(CallOutcome.From(e));
                if (!Failover.MovesOn(call, e)) throw;
                failure = (HarborException)e;
                again = null;
            }
        }
    }

    /// <summary>Whether a broken answer can be started over, where (null for the next target), and after how long.</summary>
    internal bool CanStartOver(Call call, HarborException broken, out Target? again, out TimeSpan wait) => Failover.CanStartOver(call, broken, waits, out again, out wait);
}
