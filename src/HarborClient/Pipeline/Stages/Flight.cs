using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

// Hot path: one per call that may be cached; a read of its only subscriber passes straight through.

/// <summary>
/// One answer under way, for all who ask the same meanwhile. It is a call that belongs to nobody (<see cref="Root"/>); every caller, the first included, is a subscriber with a clock and a
/// token of its own. There is no pump: whoever needs the next update takes the baton and reads it for all. The last one out cancels.
/// </summary>
internal sealed class Flight
{
    private readonly Lock _gate = new();
    private readonly Action<Flight> _remove;
    private readonly Action<Call> _keep;

    // All guarded by _gate. A subscriber stays here until it lets go, whether or not it still waits for anything.
    private readonly List<FlightSubscriber> _subscribers = new(1);
    private FlightLog? _log;
    private UpdateReader? _reader;
    private Exception? _error;
    private bool _isWhole;
    private bool _isClosed;
    private bool _isJoined;

    // The baton: somebody reads, or opens. Its holder alone touches the reader and the root.
    private FlightSubscriber? _reading;

    // What the holder of the baton waits for: one at a time.
    private ValueTask<UpdateReader> _opening;
    private ValueTask<bool> _read;
    private Action? _onRead;

    /// <param name="key">Under what it is found.</param>
    /// <param name="root">The call that asks.</param>
    /// <param name="remove">Has it found no more.</param>
    /// <param name="keep">Keeps the answer of the root, when it is whole.</param>
    internal Flight(FlightKey key, Call root, Action<Flight> remove, Action<Call> keep)
    {
        Key = key;
        Root = root;
        _remove = remove;
        _keep = keep;
    }

    internal FlightKey Key { get; }

    internal Call Root { get; }

    /// <summary>Whether the answer is over, well or not: nobody joins any more.</summary>
    private bool IsOver => _isWhole || _error is not null || _isClosed;

    /// <summary>Whether a subscriber is shown each update: who joined a plain call waits for the whole answer.</summary>
    private bool Shows(FlightSubscriber subscriber) => Root.IsStreaming || subscriber.IsOpener;

    /// <summary>The first caller opens it.</summary>
    internal FlightSubscriber Open(Call call, PipelineStage next)
    {
        var opener = new FlightSubscriber(this, call, isOpener: true);
        lock (_gate)
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
            else _opening.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Opened);
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
        lock (_gate)
        {
            if (IsOver || !_subscribers.Exists(subscriber => subscriber.IsActive)) return null;
            joiner = new FlightSubscriber(this, call, isOpener: false);
            _subscribers.Add(joiner);
            _isJoined = true;
            if (_reading is null) BeginLog();
            joiner.Position = _log?.Start ?? 0;
            if (_reader is null) joiner.BeginWait(isOpening: true);
        }

        joiner.Attach();
        Root.Stretch(call);
        lock (_gate)
        {
            foreach (FlightSubscriber subscriber in _subscribers) subscriber.WatchClock();
        }

        return joiner;
    }

    /// <summary>The next update for a subscriber: from what has arrived, or by reading it for all.</summary>
    internal ValueTask<bool> Read(FlightSubscriber subscriber)
    {
        ValueTask<bool>? waiting = null;
        lock (_gate)
        {
            if (subscriber.Failure is { } failure) return ValueTask.FromException<bool>(failure);
            if (_log is not null && subscriber.IsOpener && Root.IsStreaming) subscriber.CollectFrom(_log);
            if (Next(subscriber) is { } known) return known ? new ValueTask<bool>(true) : End(subscriber);
            if (_reading is null && Shows(subscriber)) _reading = subscriber;
            else subscriber.BeginWait();
            if (subscriber.IsWaiting) waiting = subscriber.Waiting;
        }

        if (waiting is null) return ReadFor(subscriber);
        HandOn();
        return waiting.Value;
    }

    /// <summary>A subscriber does not want the answer any more, of which others may hear nothing. From any thread.</summary>
    internal void Leave(FlightSubscriber subscriber)
    {
        bool isLast;
        lock (_gate)
        {
            if (IsOver && !subscriber.IsWaiting) return;
            isLast = !_subscribers.Exists(other => other.IsActive);

            // Who waits is told at once, unless it is for the read that this cancels: then nothing is held any more when it hears of it.
            if ((!isLast || IsOver) && subscriber.EndWait()) subscriber.Complete(subscriber.Failure!);
        }

        if (isLast)
        {
            _remove(this);
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
        lock (_gate)
        {
            if (!_subscribers.Remove(subscriber)) return;
            isAbandoned = _subscribers.Count == 0;
            if (!isAbandoned && subscriber.IsOpener) Root.DetachOptions();
        }

        if (!isAbandoned)
        {
            HandOn();
            return;
        }

        _remove(this);
        if (!_isWhole && _error is null) Root.Leave();
        TryClose();
    }

    /// <summary>Ends the root when nobody holds the flight, and nobody reads.</summary>
    private void TryClose()
    {
        lock (_gate)
        {
            if (_isClosed || _subscribers.Count > 0 || _reading is not null) return;
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

    private void Opened()
    {
        try
        {
            UpdateReader reader = _opening.GetAwaiter().GetResult() ?? throw ErrorFactory.NoReader();
            _opening = default;
            Root.Receive(reader);
            _reader = reader;
        }
        catch (Exception e)
        {
            OnRead(e, hasMore: false);
            return;
        }

        OnOpened();
    }

    private void OnOpened()
    {
        List<FlightSubscriber>? others = null;
        FlightSubscriber opener;
        bool openerWaits;
        lock (_gate)
        {
            opener = _reading!;
            _reading = null;
            foreach (FlightSubscriber subscriber in _subscribers)
            {
                if (!ReferenceEquals(subscriber, opener) && subscriber.EndWait()) (others ??= []).Add(subscriber);
            }

            openerWaits = opener.EndWait();
        }

        if (others is not null)
        {
            foreach (FlightSubscriber subscriber in others) subscriber.CompleteOpening();
        }

        if (openerWaits) opener.CompleteOpening();
        TryClose();
    }

    /// <summary>Reads one update with the baton in hand.</summary>
    private ValueTask<bool> ReadFor(FlightSubscriber subscriber)
    {
        _read = _reader!.BeginRead();
        if (!_read.IsCompleted)
        {
            subscriber.BeginWait();
            ValueTask<bool> waiting = subscriber.Waiting;
            _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onRead ??= ReadEnded);
            return waiting;
        }

        bool hasMore = ReadEnded(out Exception? error);
        OnRead(error, hasMore);
        if (subscriber.Failure is { } failure) return ValueTask.FromException<bool>(failure);
        return hasMore && error is null ? new ValueTask<bool>(true) : End(subscriber);
    }

    private void ReadEnded()
    {
        bool hasMore = ReadEnded(out Exception? error);
        OnRead(error, hasMore);
        HandOn();
    }

    private bool ReadEnded(out Exception? error)
    {
        ValueTask<bool> read = _read;
        _read = default;
        error = null;
        try
        {
            return read.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            error = e;
            return false;
        }
    }

    /// <summary>A read has ended: the baton is free, and whoever waits is told.</summary>
    private void OnRead(Exception? error, bool hasMore)
    {
        if (error is null && hasMore) error = Root.Receive(_reader!.Current);
        bool isWhole = error is null && !hasMore;

        // First kept, then found no more: who asks at this moment gets it here or there.
        if (isWhole) _keep(Root);
        if (isWhole || error is not null) _remove(this);
        List<FlightSubscriber>? others = null;
        FlightSubscriber reader;
        bool readerWaits;
        lock (_gate)
        {
            reader = _reading!;
            _reading = null;
            _isWhole = isWhole;
            _error = error;
            if (error is null && hasMore && Shows(reader)) Share(reader);
            foreach (FlightSubscriber subscriber in _subscribers)
            {
                if (!ReferenceEquals(subscriber, reader) && subscriber.IsWaiting && (IsOver || _log is not null) && subscriber.EndWait()) (others ??= []).Add(subscriber);
            }

            readerWaits = (IsOver || Shows(reader)) && reader.EndWait();
        }

        if (others is not null)
        {
            foreach (FlightSubscriber subscriber in others) Tell(subscriber);
        }

        if (readerWaits) Tell(reader, hasMore);
        TryClose();
    }

    /// <summary>An update that the reader has read is its own; where there are others it is written down for them.</summary>
    private void Share(FlightSubscriber reader)
    {
        if (_log is null && (!_isJoined || !Root.IsStreaming))
        {
            reader.Take(_reader!.Current);
            return;
        }

        if (_log is null)
        {
            BeginLog();
            reader.Take(_log!.Keep(_reader!.Current));
        }
        else
        {
            reader.Take(_log.Add(_reader!.Current));
        }

        reader.Position = _log.Count;
    }

    /// <summary>Writes down what has arrived so far, which everybody who was there before has had. A plain answer is not shown before it is whole.</summary>
    private void BeginLog()
    {
        if (_log is not null || !Root.IsStreaming || _reader is null) return;
        _log = FlightLog.Of(Root.Fold);
        foreach (FlightSubscriber subscriber in _subscribers)
        {
            if (subscriber.IsOpener) subscriber.Position = _log.Count;
        }
    }

    private void Tell(FlightSubscriber subscriber, bool isTaken = false)
    {
        bool? known;
        lock (_gate)
        {
            known = subscriber.Failure is not null ? false : isTaken ? true : Next(subscriber);
        }

        if (known == true) subscriber.Complete(hasMore: true);
        else if (subscriber.Failure is { } failure) subscriber.Complete(failure);
        else if (_error is { } error) subscriber.Complete(subscriber.Own(error));
        else if (known == false) subscriber.Complete(hasMore: false);
        else _ = ReadOnAsync(subscriber);
    }

    /// <summary>It was woken for an update that it has had already, or is not shown: it waits on, or reads itself.</summary>
    private async Task ReadOnAsync(FlightSubscriber subscriber)
    {
        try
        {
            subscriber.Complete(await Read(subscriber).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            subscriber.Complete(e);
        }
    }

    /// <summary>What a subscriber gets of what has arrived: true for an update, false for the end, null where nothing is there yet. Under the gate.</summary>
    private bool? Next(FlightSubscriber subscriber)
    {
        if (_isWhole && !subscriber.IsOpener && _log is null) _log = FlightLog.Of(Root.Fold);
        if (_log is not null && subscriber.Position < _log.Count && !(subscriber.IsOpener && !Root.IsStreaming))
        {
            subscriber.Take(_log[subscriber.Position++]);
            return true;
        }

        return IsOver ? false : null;
    }

    private ValueTask<bool> End(FlightSubscriber subscriber) => _error is { } error ? ValueTask.FromException<bool>(subscriber.Own(error)) : new ValueTask<bool>(false);

    /// <summary>Nobody holds the baton while somebody waits, because its holder has gone, or waits for the whole answer: one of them reads on.</summary>
    private void HandOn()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_reading is not null || _reader is null || IsOver) return;
                _reading = _subscribers.Find(subscriber => subscriber is { IsWaiting: true, IsActive: true });
                if (_reading is null) return;
            }

            _read = _reader.BeginRead();
            if (!_read.IsCompleted)
            {
                _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onRead ??= ReadEnded);
                return;
            }

            bool hasMore = ReadEnded(out Exception? error);
            OnRead(error, hasMore);
        }
    }
}
