using HarborClient.Errors;

namespace HarborClient.Pipeline;

/// <summary>What a call keeps about its way once that is not the straight one: who was passed over, what it waits for, how often it asked again. Most calls have none.</summary>
internal sealed class CallCourse
{
    /// <summary>More than any call needs; a loop must not fill the memory.</summary>
    private const int MaxDecisions = 500;

    private readonly List<HarborDecision> _decisions = [];

    // While the call waits without an attempt. Whoever takes it out of here cancels or disposes it.
    private CancellationTokenSource? _pause;

    /// <summary>The targets that the call may go to; null for all that it names.</summary>
    internal IReadOnlyList<Target>? Candidates { get; set; }

    /// <summary>What the attempts from now on ask, to continue an answer that broke; null for what the caller asked.</summary>
    internal CallRequest? Continuation { get; set; }

    internal int ExtraAttempts { get; private set; }

    /// <summary>Takes one of the attempts that a call has beyond one a target.</summary>
    internal bool TryTakeExtraAttempt(int most)
    {
        if (ExtraAttempts >= most) return false;
        ExtraAttempts++;
        return true;
    }

    internal void BeginPause(CancellationTokenSource pause)
    {
        Volatile.Write(ref _pause, pause);
        Interlocked.MemoryBarrier();
    }

    internal void EndPause() => Interlocked.Exchange(ref _pause, null)?.Dispose();

    internal void CancelPause()
    {
        if (Interlocked.Exchange(ref _pause, null) is not { } pause) return;
        pause.Cancel();
        pause.Dispose();
    }

    /// <summary>Writes a decision down. With the first comes what went before it, which is not worth telling of a call that goes as planned.</summary>
    internal void Add(HarborDecision decision, IReadOnlyList<Target> candidates, Call? first)
    {
        lock (_decisions)
        {
            if (_decisions.Count == 0)
            {
                _decisions.Add(new HarborDecision(DecisionKind.Candidates, TimeSpan.Zero, null, ErrorFactory.List(candidates.Select(target => target.Name))));
                if (first is not null && decision.Kind != DecisionKind.Attempt) _decisions.Add(new HarborDecision(DecisionKind.Attempt, first.SinceStartOfCall, first.Target!.Name, "asked", attempt: first.AttemptNumber));
            }

            if (_decisions.Count < MaxDecisions) _decisions.Add(decision);
        }
    }

    /// <summary>What was written down; null for nothing.</summary>
    internal HarborDecision[]? Decisions()
    {
        lock (_decisions) return _decisions.Count == 0 ? null : [.. _decisions];
    }
}
