using HarborClient.Costs;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

// Hot path: once an attempt; with usage from the provider it allocates nothing.

/// <summary>Prices every attempt that was sent, once, as it ends, and writes it into the ledger.</summary>
internal sealed class AttemptMeter(PriceBook prices, MemoryLedger ledger, ILedgerStore? store, TokenEstimator tokens, ModelAlerts models, LedgerRounds rounds, ulong client) : IAttemptMeter
{
    // Counts this client's attempts; with the client's random number it makes an id that no other attempt has.
    private long _attempts;

    public void Settle(Call attempt, CallOutcome outcome)
    {
        // What tokens are counted with is not charged for.
        if (attempt.Operation == CallOperation.CountTokens) return;
        prices.Refresh();
        Target target = attempt.Target!;
        CallServices services = attempt.Services;
        TimeSpan duration = attempt.Elapsed;
        DateTimeOffset now = services.Time.GetUtcNow();
        DateTimeOffset sentAt = now - duration;
        bool isRefused = attempt.StatusCode >= System.Net.HttpStatusCode.BadRequest || (attempt.StatusCode is null && WasNeverConnected(outcome.Error));
        BilledTokens used = UsedBy(attempt, outcome, isRefused, out bool isEstimated);
        PriceRow? row = PriceTags.Of(target, prices).Row;
        Money? cost = used == default && isRefused ? Money.Zero : CostOf(attempt, row, used, sentAt, duration);
        if (isEstimated && cost is { } estimate && MostOf(attempt) is { } most && most > estimate) cost = most;
        isEstimated |= row is { IsAssumed: true };
        attempt.SetCost(cost, isEstimated);
        target.Variant?.Spent(cost);
        attempt.Route?.Use?.Add(used.Input + used.Output, cost ?? Money.Zero);

        CallSettings settings = attempt.Settings;
        var entry = new LedgerEntry
        {
            IdHigh = client,
            IdLow = (ulong)Interlocked.Increment(ref _attempts),
            At = sentAt,
            Attempts = 1,
            Calls = outcome.Status == CallStatus.Succeeded ? 1 : 0,
            Provider = target.Provider,
            Model = target.Model,
            Alias = attempt.RequestedModel,
            Endpoint = target.Endpoint.Host,
            Tenant = settings.Tenant,
            User = settings.User,
            Tags = CostGrouping.TextOf(settings.Tags),
            Tokens = used,
            Cost = cost ?? Money.Zero,
            Estimated = isEstimated ? cost ?? Money.Zero : Money.Zero,
            Unpriced = cost is null ? 1 : 0,
            PriceVersion = prices.Edition.Version,
        };
        ledger.Append(entry);
        store?.Append(entry);
        models.Observe(entry, row, target.IsLocal);
        rounds.Observe(now);
    }

    private static Money? CostOf(Call attempt, PriceRow? row, in BilledTokens used, DateTimeOffset sentAt, TimeSpan duration)
    {
        if (row is null) return null;
        if (attempt.Operation == CallOperation.Image) return row.PriceOfImages((attempt.Fold.Payload as System.Collections.ICollection)?.Count ?? 1);
        return row.PriceOf(used, sentAt, AttemptTerms.TierOf(attempt), duration, AttemptTerms.RegionOf(attempt));
    }

    /// <summary>
    /// What the host says was used; an estimate where it says nothing, or the answer was left before its end: then of the prompt, and of what had arrived. Nothing
    /// where it refused the request, or there was no connection.
    /// </summary>
    private BilledTokens UsedBy(Call attempt, CallOutcome outcome, bool isRefused, out bool isEstimated)
    {
        // An attempt that another overtook may be read at this moment by whoever works on it: only what is replaced as a whole is looked at.
        UsageDetails? usage = attempt.Usage;
        BilledTokens known = usage is null ? default : BilledTokens.From(usage);
        bool hasTokens = attempt.Operation is CallOperation.Chat or CallOperation.Embed;
        bool isWhole = outcome.Status == CallStatus.Succeeded || attempt.Fold.FinishReason is not null;
        isEstimated = !isRefused && !(isWhole && (!hasTokens || SaysAll(usage, attempt.Operation)));
        if (!isEstimated || !hasTokens) return known;
        if (known.Input == 0) known = known with { PlainInput = PromptOf(attempt) };
        long arrived = attempt.IsOvertaken ? 0 : ArrivedOf(attempt);
        return known.Output >= arrived ? known : known with { PlainOutput = known.PlainOutput + arrived - known.Output };
    }

    /// <summary>A host that closes a connection without an answer may have worked on one all the same.</summary>
    private static bool WasNeverConnected(Exception? error) => error switch
    {
        HarborTimeoutException { Clock: HarborClock.Connect } => true,
        HarborException { Kind: ErrorKind.Network, InnerException: HttpRequestException cause } => cause.HttpRequestError is
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError or HttpRequestError.VersionNegotiationError,
        _ => false,
    };

    /// <summary>Whether the counts of a whole answer are all there: one of both sides, or of one and of the sum.</summary>
    private static bool SaysAll(UsageDetails? usage, CallOperation operation)
    {
        if (usage is null) return false;
        bool hasInput = usage.InputTokenCount is not null, hasOutput = usage.OutputTokenCount is not null || operation == CallOperation.Embed, hasSum = usage.TotalTokenCount is not null;
        return (hasInput && hasOutput) || (hasSum && (hasInput || hasOutput));
    }

    /// <summary>
    /// What a hard budget has kept for an attempt that was left before its provider said what it used: where the answer, or its thoughts, cannot be seen as they are written, the
    /// host may have come as far as it was allowed to, and a cap would not be one if less were counted.
    /// </summary>
    private static Money? MostOf(Call attempt)
    {
        // What a host that is paid by the second has worked is measured.
        if (attempt.Operation is not (CallOperation.Chat or CallOperation.Embed or CallOperation.Image) || attempt.HeldCost(out bool isSeen) is not { } held) return null;

        // Claude says at the beginning of a stream what the prompt was: it has said nothing of what it thinks from there on.
        return isSeen && !attempt.IsOvertaken && (attempt.Usage is not null || attempt.Fold.RunCount > 0) ? null : held;
    }

    private long PromptOf(Call attempt)
    {
        Target target = attempt.Target!;
        if (attempt.Operation == CallOperation.Chat) return tokens.EstimateQuickly(target, attempt.Messages, attempt.Options);
        long sum = 0;
        foreach (string input in attempt.Inputs) sum += TokenEstimator.EstimateInput(target, input);
        return sum;
    }

    private static long ArrivedOf(Call attempt)
    {
        AnswerFold fold = attempt.Fold;
        TokenWeights weights = TokenFamily.Of(attempt.Target!.Model).Weights;
        double sum = 0;
        for (int i = 0; i < fold.RunCount; i++)
        {
            AnswerRun run = fold.Run(i);
            if (run.Kind is HarborUpdateKind.Text or HarborUpdateKind.Reasoning or HarborUpdateKind.Refusal) sum += TextTokens.EstimateUtf8(fold.BytesOf(run), weights);
        }

        foreach (ToolCallFold call in fold.ToolCalls) sum += TextTokens.EstimateUtf8(call.Arguments.Span, weights);
        return (long)Math.Ceiling(sum);
    }
}
