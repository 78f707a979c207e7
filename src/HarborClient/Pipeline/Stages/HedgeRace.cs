using System.Runtime.ExceptionServices;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>Two attempts of one call on the way to their first update. The one that is there first is the call's; one that fails leaves it to the other.</summary>
internal static class HedgeRace
{
    /// <summary>Runs it to its end. Who loses is cancelled and ended; who fails is ended.</summary>
    /// <returns>Who has begun to answer.</returns>
    /// <exception cref="Exception">Neither has: what the first attempt failed with, as if there had been no second.</exception>
    internal static async ValueTask<HedgeRunner> RunAsync(HedgeRunner first, HedgeRunner second)
    {
        await Task.WhenAny(first.Opening, second.Opening).ConfigureAwait(false);
        (HedgeRunner ahead, HedgeRunner other) = first.Opening.IsCompleted ? (first, second) : (second, first);
        if (ahead.Opening.IsCompletedSuccessfully)
        {
            Overtake(other);
            return Won(ahead, second, $"began to answer before attempt {other.Attempt.AttemptNumber} at {other.Attempt.Target!.Name}, which was cancelled");
        }

        Exception failure = await EndAsync(ahead).ConfigureAwait(false);
        if (!ahead.Attempt.IsHedge && !Hedge.MayOutlive(ahead.Attempt.Parent!, failure))
        {
            Overtake(other);
            throw Lost(second, failure);
        }

        await Task.WhenAny(other.Opening).ConfigureAwait(false);
        if (other.Opening.IsCompletedSuccessfully) return Won(other, second, $"answers, and attempt {ahead.Attempt.AttemptNumber} at {ahead.Attempt.Target!.Name} failed");
        Exception otherFailure = await EndAsync(other).ConfigureAwait(false);
        throw Lost(second, ahead.Attempt.IsHedge ? otherFailure : failure);
    }

    private static HedgeRunner Won(HedgeRunner winner, HedgeRunner second, string reason)
    {
        Call attempt = winner.Attempt;
        attempt.Parent!.Decide(DecisionKind.Hedge, attempt.Target, reason, attempt: attempt.AttemptNumber);
        if (attempt.IsHedge) Log.HedgeWon(attempt.Services.Logger, attempt.Target!.Name);
        Count(second, attempt.IsHedge ? "won" : "lost");
        return winner;
    }

    /// <summary>Nobody answers. Thrown as it was: its stack is the attempt's.</summary>
    private static Exception Lost(HedgeRunner second, Exception failure)
    {
        Count(second, "failed");
        ExceptionDispatchInfo.Throw(failure);
        return failure;
    }

    private static void Count(HedgeRunner second, string result)
    {
        if (!HarborMeter.Hedges.Enabled) return;
        Target target = second.Attempt.Target!;
        HarborMeter.Hedges.Add(1, new("gen_ai.provider.name", target.System), new("gen_ai.request.model", target.Model), new("harbor.hedge.result", result));
    }

    /// <summary>Ends an attempt that has failed, and returns what it failed with.</summary>
    private static async ValueTask<Exception> EndAsync(HedgeRunner failed)
    {
        try
        {
            await failed.Opening.ConfigureAwait(false);
            throw new InvalidOperationException("The attempt has not failed.");
        }
        catch (Exception e)
        {
            failed.Attempt.End(CallOutcome.From(e));
            return e;
        }
    }

    private static void Overtake(HedgeRunner loser)
    {
        loser.Attempt.Overtake();
        _ = FinishAsync(loser);
    }

    /// <summary>Who was overtaken may still be at work, until its handler heeds the cancellation: what it opens in that time is closed, and what it throws says nothing any more.</summary>
    private static async Task FinishAsync(HedgeRunner loser)
    {
        await Task.WhenAny(loser.Opening).ConfigureAwait(false);
        try
        {
            if (loser.Opening.IsCompletedSuccessfully) await (await loser.Opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            else _ = loser.Opening.Exception;
        }
        catch (Exception e)
        {
            Log.OvertakenThrew(loser.Attempt.Services.Logger, loser.Attempt.Target!.Name, e);
        }
        finally
        {
            loser.Attempt.ReleaseOvertaken();
        }
    }
}
