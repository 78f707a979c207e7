using HarborClient.Errors;

namespace HarborClient.Pipeline.Stages;

#pragma warning disable CA2012 // What the holder of the baton waits for lies in a field, and is consumed once: by the continuation that it hands over.

/// <content>How the holder of the baton reads for all.</content>
internal sealed partial class Flight
{
    /// <summary>The next update for a subscriber: from what has arrived, or by reading it for all.</summary>
    internal ValueTask<bool> Read(FlightSubscriber subscriber)
    {
        ValueTask<bool>? waiting = null;
        lock (Gate)
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
        lock (Gate)
        {
            opener = _reading!;
            _reading = null;
            for (FlightSubscriber? subscriber = _subscribers.First; subscriber is not null; subscriber = subscriber.Following)
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
            ValueTask<bool> waiting;
            lock (Gate)
            {
                // One that left meanwhile waits for nothing: the read goes on for the others, and perhaps for long.
                bool hasLeft = subscriber.Failure is not null && _subscribers.HasActive;
                if (!hasLeft) subscriber.BeginWait();
                waiting = hasLeft ? ValueTask.FromException<bool>(subscriber.Failure!) : subscriber.Waiting;
            }

            _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnded ??= OnEnded);
            return waiting;
        }

        bool hasMore = ReadEnded(out Exception? error);
        OnRead(error, hasMore);
        if (subscriber.Leaving is { } failure) return ValueTask.FromException<bool>(failure);
        return hasMore && error is null ? new ValueTask<bool>(true) : End(subscriber);
    }

    /// <summary>What the holder of the baton waits for has ended.</summary>
    private void OnEnded()
    {
        if (_reader is null)
        {
            Opened();
            return;
        }

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
        if (isWhole) _stage.Keep(Root);
        if (isWhole || error is not null) _stage.Remove(this);
        List<(FlightSubscriber Subscriber, bool HasMore)>? others = null;
        List<FlightSubscriber>? left;
        FlightSubscriber reader;
        bool readerWaits;
        bool isTaken;
        lock (Gate)
        {
            reader = _reading!;
            _reading = null;
            _isWhole = isWhole;
            _error = error;
            if (error is null && hasMore && Shows(reader)) Share(reader);
            for (FlightSubscriber? subscriber = _subscribers.First; subscriber is not null; subscriber = subscriber.Following)
            {
                if (!ReferenceEquals(subscriber, reader) && subscriber.IsWaiting && Next(subscriber) is { } known && subscriber.EndWait()) (others ??= []).Add((subscriber, known));
            }

            isTaken = Shows(reader) ? error is null && hasMore : Next(reader) == true;
            readerWaits = (IsOver || Shows(reader)) && reader.EndWait();
            left = LeaveBehind();
        }

        if (others is not null)
        {
            foreach ((FlightSubscriber subscriber, bool known) in others) Tell(subscriber, known);
        }

        if (readerWaits) Tell(reader, isTaken);
        if (left is not null)
        {
            foreach (FlightSubscriber subscriber in left) subscriber.Withdraw();
        }

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
        for (FlightSubscriber? subscriber = _subscribers.First; subscriber is not null; subscriber = subscriber.Following)
        {
            if (subscriber.IsOpener) subscriber.Position = _log.Count;
        }
    }

    private void Tell(FlightSubscriber subscriber, bool hasMore)
    {
        if (subscriber.Leaving is { } failure) subscriber.Complete(failure);
        else if (hasMore || _error is null) subscriber.Complete(hasMore);
        else subscriber.Complete(ErrorFor(subscriber, _error));
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

    private ValueTask<bool> End(FlightSubscriber subscriber) => _error is { } error ? ValueTask.FromException<bool>(ErrorFor(subscriber, error)) : new ValueTask<bool>(false);

    /// <summary>Nobody holds the baton while somebody waits, because its holder has gone, or waits for the whole answer: one of them reads on.</summary>
    private void HandOn()
    {
        while (true)
        {
            lock (Gate)
            {
                if (_reading is not null || _reader is null || IsOver) return;
                _reading = _subscribers.First;
                while (_reading is not null and not { IsWaiting: true, IsActive: true }) _reading = _reading.Following;
                if (_reading is null) return;
            }

            _read = _reader.BeginRead();
            if (!_read.IsCompleted)
            {
                _read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnded ??= OnEnded);
                return;
            }

            bool hasMore = ReadEnded(out Exception? error);
            OnRead(error, hasMore);
        }
    }
}
