using HarborClient.Pipeline;

namespace HarborClient;

/// <content>What the attempts of a call cost.</content>
public partial class Call
{
    /// <summary>Whether this attempt's request was handed to the transport.</summary>
    internal bool WasSent
    {
        get => Own is { WasSent: true };
        set => Own!.WasSent = value;
    }

    /// <summary>What this attempt cost; null where it has no price. It is settled before the attempt's completions run.</summary>
    internal Money? AttemptCost => Own is not { } own ? null : own.CostState switch
    {
        CostState.Unpriced => null,
        CostState.Exact or CostState.Estimated => new Money(own.CostNano),
        _ => Money.Zero,
    };

    /// <summary>What a hard budget holds for this attempt until it is settled; null for none.</summary>
    /// <param name="isSeen">Whether all that is paid for is seen as it arrives.</param>
    internal Money? HeldCost(out bool isSeen)
    {
        isSeen = Own is not { CostState: CostState.HeldUnseen };
        return Own is { CostState: CostState.Held or CostState.HeldUnseen } own ? new Money(own.CostNano) : null;
    }

    internal void HoldCost(long nano, bool isSeen)
    {
        Attempt own = Own!;
        (own.CostNano, own.CostState) = (nano, isSeen ? CostState.Held : CostState.HeldUnseen);
    }

    /// <summary>Whether that is an estimate.</summary>
    internal bool IsCostEstimated => Own is { CostState: CostState.Estimated };

    /// <summary>The most output tokens that are asked for: what a budget allows this attempt, or what the caller's options say.</summary>
    internal int? MaxOutputTokens => Own is { OutputLimit: > 0 } own ? own.OutputLimit : Options?.MaxOutputTokens;

    /// <summary>Whether a budget has allowed this attempt less than it would have had.</summary>
    internal bool IsOutputLowered => Own is { IsOutputLowered: true };

    /// <summary>A budget sets the maximum of output tokens.</summary>
    internal void LimitOutput(int tokens, bool isLowered)
    {
        Attempt own = Own!;
        (own.OutputLimit, own.IsOutputLowered) = (tokens, isLowered);
    }

    internal void SetCost(Money? cost, bool isEstimated)
    {
        Attempt own = Own!;
        own.CostNano = cost?.NanoUsd ?? 0;
        own.CostState = cost is null ? CostState.Unpriced : isEstimated ? CostState.Estimated : CostState.Exact;
    }

    /// <summary>What the whole call cost its caller: the sum of its attempts that have ended. Null where one of them has no price; nothing for a kept answer, and for who joined another's request.</summary>
    internal Money? TotalCost(out bool isEstimated)
    {
        isEstimated = false;
        if (Hit is not null || Shared is { IsOpener: false }) return Money.Zero;
        long sum = 0;
        for (Attempt? attempt = Asked._latest; attempt is not null; attempt = attempt.Earlier)
        {
            if (attempt.CostState == CostState.Unpriced) return null;
            if (attempt.CostState is CostState.Held or CostState.HeldUnseen) continue;
            isEstimated |= attempt.CostState == CostState.Estimated;
            sum = attempt.CostNano > long.MaxValue - sum ? long.MaxValue : sum + attempt.CostNano;
        }

        return AttemptCount == 0 ? null : new Money(sum);
    }
}
