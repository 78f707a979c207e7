namespace HarborClient.Pipeline.Stages;

/// <content>Who shares no more: it reads too slowly, or the budget of the one who pays has no more.</content>
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

    /// <summary>The error of an answer that broke, as one of its callers sees it. A budget that cut it short is its opener's: the others ask by themselves from there on.</summary>
    private Exception ErrorFor(FlightSubscriber subscriber, Exception error)
    {
        if (subscriber.IsOpener || error is not BudgetExceededException) return subscriber.Own(error);
        lock (Gate) return new LeftBehindException(Root.IsStreaming && _log is { } log ? DeliveredTo(subscriber, log, Unshown(log)) : SeamMatcher.Nothing, Root.AnsweringTarget);
    }

    /// <summary>The update that went beyond the budget has arrived, and is shown to nobody.</summary>
    private int Unshown(FlightLog log)
    {
        long arrived = 0;
        for (int i = 0; i < Root.Fold.RunCount; i++)
        {
            AnswerRun run = Root.Fold.Run(i);
            arrived += run.Value is ToolCallFold call ? call.Arguments.Span.Length : run.Length;
        }

        return (int)Math.Max(0, arrived - log.BytesFromStart);
    }

    /// <summary>What a subscriber has had of the text so far; null where that was taken back meanwhile.</summary>
    /// <param name="subscriber">Who.</param>
    /// <param name="log">What was shown to some.</param>
    /// <param name="unshown">How many bytes of text have arrived that nobody was shown.</param>
    private SeamMatcher? DeliveredTo(FlightSubscriber subscriber, FlightLog log, int unshown = 0)
    {
        if (subscriber.Position < log.Start) return null;
        if (subscriber.Position == log.Start) return SeamMatcher.Nothing;
        (int text, int reasoning) = Root.Fold.RunCount > 0 && Root.Fold.Run(Root.Fold.RunCount - 1).Kind == HarborUpdateKind.Reasoning ? (0, unshown) : (unshown, 0);
        for (int i = subscriber.Position; i < log.Count; i++)
        {
            if (log[i].Kind == HarborUpdateKind.Text) text += log[i].Utf8.Length;
            if (log[i].Kind == HarborUpdateKind.Reasoning) reasoning += log[i].Utf8.Length;
        }

        return new SeamMatcher(Root.Fold, text, reasoning);
    }
}
