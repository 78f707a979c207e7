using HarborClient.Limits;
using HarborClient.Tokens;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Refuses calls of users and tenants who are over their limits, before any target is looked at: it stands outside failover, so nobody else is asked. Linked only where there are
/// such limits.
/// </summary>
internal sealed class CallerLimitStage(PipelineStage next, CallerLimits limits, TokenEstimator tokens) : PipelineStage(next)
{
    public override string Name => "CallerLimits";

    public override ValueTask<UpdateReader> OpenAsync(Call call) =>
        limits.Apply(call.Settings.User, call.Settings.Tenant) && !LooksAtJob(call) ? OpenLimitedAsync(call) : Next.OpenAsync(call);

    private async ValueTask<UpdateReader> OpenLimitedAsync(Call call)
    {
        (string? user, string? tenant) = (call.Settings.User, call.Settings.Tenant);
        long prompt = limits.CountTokens(user, tenant) ? PromptTokens(call) : 0;
        CallerLease lease = await limits.EnterAsync(user, tenant, prompt + Math.Max(0, call.Options?.MaxOutputTokens ?? 0)).ConfigureAwait(false);
        call.Services.Counters.PermitTaken();
        var settlement = new CallerSettlement(lease, prompt);
        try
        {
            call.OnCompleted(settlement);
        }
        catch (InvalidOperationException)
        {
            // It ended while it waited for other processes.
            settlement.Settle(call, 0);
            throw;
        }

        return await Next.OpenAsync(call).ConfigureAwait(false);
    }

    /// <summary>Asking how a job gets on is no call of the caller's.</summary>
    private static bool LooksAtJob(Call call) => call.Request.Service?.JobId is not null;

    private long PromptTokens(Call call)
    {
        if (call.Messages.Count > 0) return tokens.Estimate(call.Targets[0], call.Messages, call.Options);
        long sum = 0;
        foreach (string input in call.Inputs) sum += TokenEstimator.EstimateInput(call.Targets[0], input);
        return sum;
    }
}
