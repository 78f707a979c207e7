using HarborClient.Limits;

namespace HarborClient.Pipeline.Stages;

/// <summary>Gives back what a call took of its callers' limits when it ends, with what it used in place of what was expected.</summary>
internal sealed class CallerSettlement(CallerLease lease, long promptTokens) : ICallCompletion
{
    /// <summary>An answer without usage is guessed by its length: about so many bytes of text are a token.</summary>
    private const int BytesPerToken = 4;

    public void OnCompleted(Call call, CallOutcome outcome) => Settle(call, TokensUsed(call, outcome));

    internal void Settle(Call call, long tokensUsed)
    {
        call.Services.Counters.PermitReturned();
        lease.End(tokensUsed);
    }

    private long TokensUsed(Call call, CallOutcome outcome)
    {
        // What no attempt answered cost nothing: its usage, if it has any, is another request's.
        if (call.AttemptCount == 0) return 0;
        if (call.Usage is { } usage && (usage.TotalTokenCount ?? ((usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0))) is > 0 and var reported) return reported;
        long bytes = 0;
        for (int i = 0; i < call.Fold.RunCount; i++) bytes += call.Fold.Run(i).Length;

        // A call that failed before an answer is the host's fault; one that was cancelled may have been paid for.
        return bytes == 0 && outcome.Status == CallStatus.Failed ? 0 : promptTokens + (bytes / BytesPerToken);
    }
}
