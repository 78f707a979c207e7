namespace HarborClient.Pipeline.Stages;

/// <content>Who reads too slowly.</content>
internal sealed partial class Flight
{
    /// <summary>
    /// How far a caller who joined a stream may be behind, in bytes of text: 1 MiB. Few answers are that long, so a slow reader nearly always gets the rest of the answer it shares, and one
    /// that has stopped reading holds no more than this of it. The caller who opened the answer is never left behind: it pays for it.
    /// </summary>
    internal const int MostBehindBytes = 1 << 20;

    /// <summary>Whether one who joins now would be too far behind from the beginning.</summary>
    private bool IsTooLate => _log is { BytesFromStart: > MostBehindBytes };

    /// <summary>Lets go of those who are too far behind, and of what all others have read. Under the gate, with the baton in hand.</summary>
    /// <returns>Who was left behind; null for nobody.</returns>
    private List<FlightSubscriber>? LeaveBehind()
    {
        if (_log is not { Bytes: > MostBehindBytes } log) return null;
        List<FlightSubscriber>? left = null;
        int needed = log.Count;
        FlightSubscriber? following;
        for (FlightSubscriber? subscriber = _subscribers.First; subscriber is not null; subscriber = following)
        {
            following = subscriber.Following;
            if (!subscriber.IsActive) continue;
            if (subscriber.IsOpener || log.BytesAfter(subscriber.Position) <= MostBehindBytes)
            {
                needed = Math.Min(needed, subscriber.FirstNeeded);
                continue;
            }

            if (!subscriber.LeaveBehind(DeliveredTo(subscriber, log))) continue;
            _subscribers.Remove(subscriber);
            (left ??= []).Add(subscriber);
        }

        // Where one could still join, all is needed.
        if (IsTooLate) log.Forget(needed);
        return left;
    }

    /// <summary>What a subscriber has had of the text so far; null where that was taken back meanwhile.</summary>
    private SeamMatcher? DeliveredTo(FlightSubscriber subscriber, FlightLog log)
    {
        if (subscriber.Position < log.Start) return null;
        if (subscriber.Position == log.Start) return SeamMatcher.Nothing;
        (int text, int reasoning) = (0, 0);
        for (int i = subscriber.Position; i < log.Count; i++)
        {
            if (log[i].Kind == HarborUpdateKind.Text) text += log[i].Utf8.Length;
            if (log[i].Kind == HarborUpdateKind.Reasoning) reasoning += log[i].Utf8.Length;
        }

        return new SeamMatcher(Root.Fold, text, reasoning);
    }
}
