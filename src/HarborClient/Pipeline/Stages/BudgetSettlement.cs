using HarborClient.Costs;
using HarborClient.Tokens;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// What one attempt has reserved: settled when it ends. Meanwhile it watches the answer: one that becomes longer than its request allowed, at a host that does not keep
/// to it, ends where the budgets have no more, and one that was cut short for a budget's sake is not shown as whole.
/// </summary>
internal sealed class BudgetSettlement(SpendGuard guard, BudgetHold[] holds, long outputTokens, bool isLowered, bool isHard) : ICallCompletion, IUpdateObserver
{
    /// <summary>An answer that goes on beyond its limit is kept more for in such steps, so that not every update asks.</summary>
    private const long StepTokens = 64;

    // Guards the next two: an attempt that another has overtaken is settled by one thread while its own may still be reading, and what is kept after that nobody would give back.
    private readonly Lock _gate = new();
    private readonly List<BudgetHold> _holds = [.. holds];
    private bool _isSettled;
    private long _allowed = outputTokens;
    private double _arrived;

    internal void Attach(Call attempt)
    {
        try
        {
            attempt.OnCompleted(this);
        }
        catch (InvalidOperationException)
        {
            // Another attempt has overtaken this one meanwhile: nothing is sent.
            Settle(Money.Zero);
            throw;
        }

        if (isHard && attempt.Operation == CallOperation.Chat) attempt.Observe(this);
    }

    public void OnCompleted(Call call, CallOutcome outcome) => Settle(call.WasSent ? call.AttemptCost : Money.Zero);

    public Exception? OnUpdate(Call call, in HarborUpdate update)
    {
        if (update.Kind is not (HarborUpdateKind.Text or HarborUpdateKind.Reasoning or HarborUpdateKind.Refusal or HarborUpdateKind.ToolCall)) return null;
        _arrived += TextTokens.EstimateUtf8(update.Utf8.Span, TokenFamily.Of(call.Target!.Model).Weights);
        if (_arrived <= _allowed) return null;
        long more = Math.Max(StepTokens, (long)Math.Ceiling(_arrived - _allowed));
        if (!TryExtend(call, more)) return Cut(call, "is longer than its host was asked for, and its budget has no room for more");
        _allowed += more;
        return null;
    }

    /// <summary>Only now: what was used comes after the reason why the answer ended.</summary>
    public Exception? OnWhole(Call call) => isLowered && FinishReasons.Of(call.Fold.FinishReason, hasToolCalls: false) == ChatFinishReason.Length
        ? Cut(call, "was cut off at the maximum of tokens that its budget had room for")
        : null;

    public void OnRestart()
    {
    }

    private BudgetExceededException Cut(Call call, string what)
    {
        BudgetStatus status = _holds.Select(hold => hold.Account.Status(guard.Now)).MinBy(status => status.Limit - status.Spent - status.Reserved)!;
        return BudgetErrors.Cut(status, call.Target!, what, AnswerBuilder.Fill(new ChatResponse(), call, "", isPartial: true));
    }

    private bool TryExtend(Call call, long more)
    {
        lock (_gate) return _isSettled || guard.TryExtend(call, more, _holds);
    }

    /// <param name="spent">Null where what was sent has no price: then each account's own reservation counts.</param>
    private void Settle(Money? spent)
    {
        lock (_gate)
        {
            if (_isSettled) return;
            _isSettled = true;
        }

        DateTimeOffset now = guard.Now;
        foreach (BudgetAccount account in _holds.Select(hold => hold.Account).Distinct().ToArray())
        {
            // The cost of the attempt is spent once in each account, however often it has kept more for it.
            Money rest = spent ?? new Money(_holds.Where(hold => ReferenceEquals(hold.Account, account)).Sum(hold => hold.Nano));
            foreach (BudgetHold hold in _holds)
            {
                if (!ReferenceEquals(hold.Account, account)) continue;
                if (account.Settle(hold, rest.NanoUsd, now) is { } passed) guard.Alerts.OnThreshold(account.Status(now), passed);
                rest = Money.Zero;
            }
        }
    }
}
