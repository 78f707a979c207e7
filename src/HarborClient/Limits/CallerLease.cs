namespace HarborClient.Limits;

/// <summary>What one call takes of its user and its tenant, until it ends.</summary>
internal sealed class CallerLease(CallerLimits limits, CallerUse? user, CallerUse? tenant, long tokens, long startedAt)
{
    internal CallerUse? User => user;

    internal CallerUse? Tenant => tenant;

    /// <summary>Tokens taken before the call.</summary>
    internal long Tokens => tokens;

    internal long StartedAt => startedAt;

    /// <summary>The call ended and used so many tokens. Once.</summary>
    internal void End(long tokensUsed) => limits.Leave(this, tokensUsed);
}
