using HarborClient.Caching;
using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

#pragma warning disable CA2012 // What the holder of the baton waits for lies in a field, and is consumed once: by the continuation that it hands over.

// Hot path: one per call that may be cached; a read of its only subscriber passes straight through.

/// <summary>
/// One answer under way, for all who ask the same meanwhile. It is a call that belongs to nobody (<see cref="Root"/>); every caller, the first included, is a subscriber with a clock and a
/// token of its own. There is no pump: whoever needs the next update takes the baton and reads it for all. The last one out cancels.
/// </summary>
internal sealed partial class Flight
{
    private readonly CoalesceStage _stage;

    // All guarded by the gate. A subscriber stays here until it lets go, whether or not it still waits for anything.
    private SubscriberList _subscribers;
    private FlightLog? _log;
    private UpdateReader? _reader;
    private Exception? _error;
    private bool _isWhole;
    private bool _isClosed;
    private bool _isJoined;

    // The baton: somebody reads, or opens. Its holder alone touches the reader and the root.
    private FlightSubscriber? _reading;

    // What the holder of the baton waits for: one at a time, and awaited once, by the continuation that it hands over.
    private ValueTask<UpdateReader> _opening;
    private ValueTask<bool> _read;
    private Action? _onEnded;

    /// <param name="root">The call that asks.</param>
    /// <param name="stage">Finds it for others, and has its answer kept.</param>
    internal Flight(Call root, CoalesceStage stage)
    {
        Root = root;
        _stage = stage;
    }

    /// <summary>Guards what is to be guarded: the root is nobody's to lock, and an object for it would be one more for every call.</summary>
    private object Gate => Root;

    /// <summary>Whether a call with the same key may share the answer: who may be asked, in which order, and what happens when an answer breaks, is the same.</summary>
    internal bool Serves(Call call) =>
        Root.StreamsUpstream == call.StreamsUpstream && Root.Settings.AsksLike(call.Settings) && (ReferenceEquals(Root.Targets, call.Targets) || Root.Targets.SequenceEqual(call.Targets));

    internal Call Root { get; }

    /// <summary>When its answer was asked for.</summary>
    internal AskedAt Asked => Root.CacheUse!.Asked;

    /// <summary>Whether the answer is over, well or not: nobody joins any more.</summary>
    internal bool IsOver => _isWhole || _error is not null || _isClosed;

    /// <summary>Whether a subscriber is shown each update: who joined a plain call waits for the whole answer.</summary>
    private bool Shows(FlightSubscriber subscriber) => Root.IsStreaming || subscriber.IsOpener;

    /// <summary>The first caller opens it.</summary>
    internal FlightSubscriber Open(Call call, PipelineStage next)
    {
        var opener = new FlightSubscriber(this, call, isOpener: true);
        lock (Gate)
        {
            _subscribers.Add(opener);
            _reading = opener;
            opener.BeginWait(isOpening: true);
        }

        opener.Attach();

        // Nothing of the opener's context goes with it: it may outlive the opener.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        try
        {
            _opening = next.OpenAsync(Root);
            if (_opening.IsCompleted) Opened();
            else _opening.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnded ??= OnEnded);
        }
        catch (Exception e)
        {
            OnRead(e, hasMore: false);
        }

        return opener;
    }

    /// <summary>Another caller joins; null where the answer is over.</summary>
    internal FlightSubscriber? TryJoin(Call call)
    {
        FlightSubscriber joiner;
        lock (Gate)
        {
            if (IsOver || !_subscribers.HasActive) return null;
            if (_reading is null) BeginLog();
            if (IsTooLate) return null;
            joiner = new FlightSubscriber(this, call, isOpener: false);
            _subscribers.Add(joiner);
            _isJoined = true;
            joiner.Position = _log?.Start ?? 0;
            if (_reader is null) joiner.BeginWait(isOpening: true);
        }

        joiner.Attach();
        Root.Stretch(call);
        lock (Gate)
        {
            for (FlightSubscriber? subscriber = _subscribers.First; subscriber is not null; subscriber = subscriber.Following) subscriber.WatchClock();
        }

        return joiner;
    }

    /// <summary>A subscriber does not want the answer any more, of which others may hear nothing. From any thread.</summary>
    internal void Leave(FlightSubscriber subscriber)
    {
        bool isLast;
        bool isTold;
        lock (Gate)
        {
            if (IsOver && !subscriber.IsWaiting) return;
            isLast = !_subscribers.HasActive;

            // Who waits is told at once, unless it is for the read that this cancels: then nothing is held any more when it hears of it.
            isTold = (!isLast || IsOver) && subscriber.EndWait();
        }

        if (isTold) subscriber.Complete(subscriber.Failure!);

        if (isLast)
        {
            _stage.Remove(this);
            Root.Leave();
        }
        else if (subscriber.IsOpener)
        {
            Root.DetachOptions();
        }

        HandOn();
    }

    /// <summary>A subscriber's call ends: what it was shown is not looked at any more. The last one closes what is open.</summary>
    internal void Release(FlightSubscriber subscriber)
    {
        bool isAbandoned;
        lock (Gate)
        {
            if (!_subscribers.Remove(subscriber)) return;
            isAbandoned = _subscribers.IsEmpty;
            if (!isAbandoned && subscriber.IsOpener) Root.DetachOptions();
        }

        if (!isAbandoned)
        {
            HandOn();
            return;
        }

        _stage.Remove(this);
        if (!_isWhole && _error is null) Root.Leave();
        TryClose();
    }

    /// <summary>Ends the root when nobody holds the flight, and nobody reads.</summary>
    private void TryClose()
    {
        lock (Gate)
        {
            if (_isClosed || !_subscribers.IsEmpty || _reading is not null) return;
            _isClosed = true;
        }

        if (_reader is not null) Close(_reader);
        Root.End(_isWhole ? CallOutcome.Succeeded : _error is not null ? CallOutcome.From(_error) : CallOutcome.Abandoned);
    }

    /// <summary>The library's readers close synchronously; a user's may not, and its fault is nobody's.</summary>
    private static void Close(UpdateReader reader)
    {
        try
        {
            ValueTask closing = reader.DisposeAsync();
            if (!closing.IsCompletedSuccessfully) closing.AsTask().ContinueWith(static closed => _ = closed.Exception, TaskScheduler.Default);
        }
        catch (Exception)
        {
            // Only a user's reader can get here; ending the root gives back what it would have closed.
        }
    }
}
