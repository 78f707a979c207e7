using HarborClient.Costs;
using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

/// <summary>Reserves what every attempt can cost at most, in all budgets that it is in, and settles it when the attempt ends.</summary>
internal sealed class SpendGuard(BudgetBook budgets, BudgetHistory? history, PriceBook prices, CostAlerts alerts, TimeProvider time) : ISpendGuard
{
    /// <summary>The maximum that a request gets where neither the call nor its model has one.</summary>
    private const int UnknownMaximum = 4_096;

    /// <summary>A shorter answer is not worth its prompt; OpenAI's Responses refuse less.</summary>
    private const long ShortestAnswer = 16;

    /// <summary>How often others may take what was just free, before the call is refused.</summary>
    private const int Tries = 4;

    internal CostAlerts Alerts => alerts;

    internal DateTimeOffset Now => time.GetUtcNow();

    public ValueTask<bool> AdmitAsync(Call attempt, long bodyBytes, int? maxOutputTokens, bool thinks)
    {
        Target target = attempt.Target!;
        BudgetSubject subject = SubjectOf(attempt, target);
        if (attempt.Operation == CallOperation.CountTokens) return new ValueTask<bool>(false);
        PriceRow? row = PriceTags.Of(target, prices).Row;
        if (row is null || !budgets.Covers(subject))
        {
            if (row is null) CheckUnpriced(target, subject);
            return new ValueTask<bool>(false);
        }

        if (history is { IsLoaded: false }) return AdmitLaterAsync(attempt, subject, row, bodyBytes, maxOutputTokens, thinks);
        if (AskOf(attempt, subject, row, bodyBytes, maxOutputTokens, thinks) is not { } ask) return new ValueTask<bool>(false);
        return budgets.AreShared ? AdmitSharedAsync(ask, attempt.Clocks.Token) : new ValueTask<bool>(TakeWhatFits(ask));
    }

    public bool IsCheaper(Target target, Target than)
    {
        if (PriceTags.Of(than, prices).Row is not { } dear) return false;
        return PriceTags.Of(target, prices).Row is { } other ? RateOf(other, time.GetUtcNow()) < RateOf(dear, time.GetUtcNow()) : target.IsLocal;
    }

    public IReadOnlyList<Target> Order(Call call, IReadOnlyList<Target> targets)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (targets.Count < 2 || !budgets.PrefersCheapest(SubjectOf(call, targets[0]), now)) return targets;

        // Those without a price come last, except one's own hosts, which cost nothing; the sort keeps the order of equals.
        Target[] ordered = [.. targets.OrderBy(target => PriceTags.Of(target, prices).Row is { } row ? RateOf(row, now) : target.IsLocal ? 0 : long.MaxValue)];
        if (!ReferenceEquals(ordered[0], targets[0])) call.Decide(DecisionKind.Failover, ordered[0], "a budget has passed PreferCheapestFrom");
        return ordered;
    }

    /// <summary>Keeps more for an answer that has become longer than its request asked for; false where the budgets have no more, or what this process has leased of them: an update cannot wait for a store.</summary>
    internal bool TryExtend(Call attempt, long tokens, List<BudgetHold> holds)
    {
        Target target = attempt.Target!;
        DateTimeOffset now = time.GetUtcNow();
        if (PriceTags.Of(target, prices).Row?.MostOf(0, tokens, 0, now, AttemptTerms.AskedTierOf(attempt), TimeSpan.Zero, AttemptTerms.AskedRegionOf(attempt)) is not { } more) return true;
        if (budgets.Reserve(SubjectOf(attempt, target), more.NanoUsd, now, out _) is not { } taken) return false;
        holds.AddRange(taken);
        return true;
    }

    /// <summary>The first calls wait until it is known what was spent before them.</summary>
    private async ValueTask<bool> AdmitLaterAsync(Call attempt, BudgetSubject subject, PriceRow row, long bodyBytes, int? asked, bool thinks)
    {
        Exception? failure = await history!.LoadAsync().WaitAsync(attempt.Clocks.Token).ConfigureAwait(false);
        if (failure is not null && budgets.IsHardFor(subject)) throw BudgetErrors.HistoryUnknown(attempt.Target!, history.Source, failure);
        return AskOf(attempt, subject, row, bodyBytes, asked, thinks) is { } ask && TakeWhatFits(ask);
    }

    /// <summary>Waits for the store of shared budgets where its process has not leased enough, and only there.</summary>
    private async ValueTask<bool> AdmitSharedAsync(SpendAsk ask, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (!TryTake(ask, ask.Wanted, out Money most, out BudgetAccount? refusing))
        {
            TimeSpan left = refusing!.Budget.Sharing!.MaximumWait - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !await refusing.ObtainAsync(most.NanoUsd, left, cancellationToken).ConfigureAwait(false)) return TakeWhatFits(ask);
        }

        return Limit(ask, ask.Wanted);
    }

    /// <summary>What there is to reserve; null where nothing has a price.</summary>
    private SpendAsk? AskOf(Call attempt, in BudgetSubject subject, PriceRow row, long bodyBytes, int? asked, bool thinks)
    {
        bool isHard = budgets.IsHardFor(subject);
        var bounds = SpendBounds.Of(attempt, bodyBytes, row, isHard);
        bool answers = attempt.Operation == CallOperation.Chat;
        long wanted = !answers ? 0 : asked ?? row.MaxOutputTokens ?? UnknownMaximum;
        DateTimeOffset now = time.GetUtcNow();
        if (MostOf(attempt, row, bounds, wanted, now) is null)
        {
            // A part of it has no price, such as the host's search: it is no better than a model without one. Where that is let through, the rest is reserved for.
            CheckUnpriced(attempt.Target!, subject);
            bounds = bounds with { Searches = 0 };
            if (MostOf(attempt, row, bounds, wanted, now) is null) return null;
        }

        return new SpendAsk(attempt, subject, row, bounds, asked, wanted, answers && asked is null && row.MaxOutputTokens is null, isHard, thinks);
    }

    /// <summary>Reserves for as many tokens of answer as there is room for.</summary>
    private bool TakeWhatFits(in SpendAsk ask)
    {
        long output = ask.Wanted;
        for (int i = 0; !TryTake(ask, output, out Money most, out BudgetAccount? refusing); i++)
        {
            DateTimeOffset now = time.GetUtcNow();
            var free = new Money(budgets.Free(ask.Subject, now));
            long fits = ask.Answers ? ask.Row.OutputFor(free, ask.Bounds.Input, ask.Bounds.Searches, now, ask.Bounds.ServiceTier, ask.Bounds.Region) / ask.Bounds.Answers : 0;
            if (i == Tries || fits < ShortestAnswer || fits >= output && i > 0) throw Refusal(ask, refusing!, most, output, now);
            output = Math.Min(output, fits);
        }

        return Limit(ask, output);
    }

    private bool TryTake(in SpendAsk ask, long output, out Money most, out BudgetAccount? refusing)
    {
        DateTimeOffset now = time.GetUtcNow();

        // A price that has ended since it was asked for leaves nothing to reserve.
        most = MostOf(ask.Attempt, ask.Row, ask.Bounds, output, now) ?? Money.Zero;
        if (budgets.Reserve(ask.Subject, most.NanoUsd, now, out refusing) is not { } holds) return false;
        if (ask.IsHard) ask.Attempt.HoldCost(most.NanoUsd, isSeen: !ask.Thinks);
        new BudgetSettlement(this, holds, output * ask.Bounds.Answers, ask.IsLowered || output < ask.Wanted, ask.IsHard).Attach(ask.Attempt);
        return true;
    }

    private static HarborException Refusal(in SpendAsk ask, BudgetAccount refusing, Money most, long output, DateTimeOffset now) => refusing.RefusesForOutage
        ? BudgetErrors.StoreAway(refusing.Status(now), ask.Attempt.Target!, refusing.Budget.Sharing!.Source)
        : BudgetErrors.Refused(refusing.Status(now), ask.Attempt.Target!, most, ask.Bounds, output, now);

    /// <summary>Writes the maximum into the attempt.</summary>
    /// <returns>Whether it is another than what was asked for.</returns>
    private static bool Limit(in SpendAsk ask, long output)
    {
        if (!ask.Answers || (output == ask.Asked && !ask.IsLowered)) return false;

        // A soft budget only reports: it shortens no answer whose longest is not known.
        if (ask.IsLowered && !ask.IsHard) return false;
        ask.Attempt.LimitOutput((int)Math.Min(output, int.MaxValue), ask.IsLowered || output < ask.Wanted);
        return ask.Asked != output;
    }

    private static Money? MostOf(Call attempt, PriceRow row, in SpendBounds bounds, long output, DateTimeOffset now)
    {
        if (attempt.Operation == CallOperation.Image) return row.PriceOfImages(bounds.Answers);
        return row.MostOf(bounds.Input, output * bounds.Answers, bounds.Searches, now, bounds.ServiceTier, bounds.Duration, bounds.Region);
    }

    private void CheckUnpriced(Target target, in BudgetSubject subject)
    {
        bool refuses = prices.Unpriced == UnpricedPolicy.Refuse || (prices.Unpriced is null && !target.IsLocal && budgets.IsHardFor(subject));
        if (refuses) throw BudgetErrors.Unpriced(target, prices.Edition.Version);
    }

    private static BudgetSubject SubjectOf(Call call, Target target) => new(call.Settings.Tenant, call.Settings.User, call.Settings.Tags, target.Provider, target.Model);

    /// <summary>A figure to compare prices by: a prompt of three parts and an answer of one.</summary>
    private static long RateOf(PriceRow row, DateTimeOffset now) => row.MostOf(3_000, 1_000, 0, now, null, TimeSpan.FromSeconds(10))?.NanoUsd ?? long.MaxValue;
}
