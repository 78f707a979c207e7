using HarborClient.Errors;

namespace HarborClient.Pipeline;

/// <summary>Why a call went the way it went. Begun with the first thing worth telling, so that a call that goes as planned has none. Thread-safe.</summary>
internal sealed class DecisionLog
{
    /// <summary>More than any call needs; a loop must not fill the memory.</summary>
    private const int MaxEntries = 500;

    private readonly List<HarborDecision> _entries = [];

    internal DecisionLog(IReadOnlyList<Target> candidates, Call? first)
    {
        _entries.Add(new HarborDecision(DecisionKind.Candidates, TimeSpan.Zero, null, ErrorFactory.List(candidates.Select(target => target.Name))));
        if (first is not null) _entries.Add(new HarborDecision(DecisionKind.Attempt, first.SinceStartOfCall, first.Target!.Name, "asked", attempt: first.AttemptNumber));
    }

    internal void Add(HarborDecision decision)
    {
        lock (_entries)
        {
            if (_entries.Count < MaxEntries) _entries.Add(decision);
        }
    }

    internal HarborDecision[] Snapshot()
    {
        lock (_entries) return [.. _entries];
    }
}
