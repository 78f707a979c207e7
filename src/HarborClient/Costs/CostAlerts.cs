using System.Collections.Concurrent;
using System.Diagnostics;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>Tells those who listen about money. Thread-safe; nobody who spends waits for a listener.</summary>
internal sealed class CostAlerts(TimeProvider time, ILogger logger)
{
    private readonly ConcurrentQueue<CostAlert> _untold = new();
    private int _untoldCount;

    internal event EventHandler<CostAlert>? Raised;

    /// <summary>Where alerts are posted to; null for nowhere.</summary>
    internal AlertWebhook? Webhook { get; init; }

    internal void OnThreshold(BudgetStatus budget, double threshold) => Raise(new CostAlert(
        CostAlertKind.BudgetThreshold, time.GetUtcNow(), FormattableString.Invariant($"The budget '{budget.Name}'{(budget.For.Length > 0 ? $" of '{ErrorFactory.Quote(budget.For, 100)}'" : "")} has passed {threshold:P0} of {budget.Limit}: {budget.Spent} are spent."))
    {
        Budget = budget,
        Threshold = threshold,
    });

    internal void Raise(CostAlert alert)
    {
        Log.CostAlert(logger, alert.Kind, alert.Message);
        if (HarborMeter.Alerts.Enabled) Count(alert);
        Webhook?.Post(alert);
        if (Raised is null) return;
        _untold.Enqueue(alert);
        if (Interlocked.Increment(ref _untoldCount) == 1) ThreadPool.UnsafeQueueUserWorkItem(static alerts => alerts.TellAll(), this, preferLocal: false);
    }

    /// <summary>One after the other, in the order in which they came: whoever raises the first begins, and goes on while there are more.</summary>
    private void TellAll()
    {
        do
        {
            if (_untold.TryDequeue(out CostAlert? alert)) Tell(alert);
        }
        while (Interlocked.Decrement(ref _untoldCount) > 0);
    }

    /// <summary>Names of users are in none of the tags: they would be too many, and are not for everybody.</summary>
    private static void Count(CostAlert alert)
    {
        var tags = new TagList { { "harbor.alert.kind", NameOf(alert.Kind) } };
        if (alert.Budget is { } budget) tags.Add("harbor.budget.name", budget.Name);
        if (alert.Model is { } model) tags.Add("gen_ai.request.model", model);
        HarborMeter.Alerts.Add(1, tags);
    }

    private static string NameOf(CostAlertKind kind) => kind switch
    {
        CostAlertKind.BudgetThreshold => "budget_threshold",
        CostAlertKind.UnusualSpend => "unusual_spend",
        CostAlertKind.ExpensiveModel => "expensive_model",
        _ => "unpriced_model",
    };

    private void Tell(CostAlert alert)
    {
        if (Raised is not { } listeners) return;
        foreach (EventHandler<CostAlert> listener in Delegate.EnumerateInvocationList(listeners))
        {
            try
            {
                listener(this, alert);
            }
            catch (Exception e)
            {
                // A listener's fault is nobody else's.
                Log.CostListenerThrew(logger, e);
            }
        }
    }
}
