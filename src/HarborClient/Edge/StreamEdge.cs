using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Telemetry;

namespace HarborClient.Edge;

// Hot path: MoveNextAsync completes synchronously for every update that is already buffered.

/// <summary>
/// One enumeration of a stream, and so one call: opened by the first MoveNextAsync, ended by its end, an error, DisposeAsync, or, when somebody drops
/// it, the finalizer. A timer or a registration never refers to it, so a dropped one is found.
/// </summary>
internal abstract class StreamEdge<T> : IAsyncEnumerator<T>
{
    private const int Fresh = 0;
    private const int Resting = 1;
    private const int Reading = 2;
    private const int Ended = 3;

    private readonly Func<CancellationToken, (Call Call, PipelineStage Pipeline)> _begin;
    private readonly CancellationToken _token;
    private readonly CancellationToken _enumeratorToken;
    private CancellationTokenSource? _linked;
    private Call? _call;
    private UpdateReader? _reader;

    // Fresh → Resting ⇄ Reading → Ended. Changed by Interlocked: DisposeAsync may come while a read is pending.
    private int _state;

    private protected StreamEdge(Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken)
    {
        _begin = begin;
        _token = token;
        _enumeratorToken = enumeratorToken;
    }

    ~StreamEdge()
    {
        if (_state is not (Resting or Reading) || _reader is null) return;

        // Closing an exchange may take locks; the finalizer thread must not wait for them.
        ThreadPool.UnsafeQueueUserWorkItem(static edge => edge.Drop(), this, preferLocal: false);
    }

    public T Current { get; private protected set; } = default!;

    private protected Call Call => _call!;

    public ValueTask<bool> MoveNextAsync()
    {
        int state = Interlocked.CompareExchange(ref _state, Reading, Resting);
        if (state == Fresh && Interlocked.CompareExchange(ref _state, Reading, Fresh) == Fresh) return OpenAsync();
        if (state == Ended) return new ValueTask<bool>(MoveTail());
        if (state == Reading) throw new InvalidOperationException("The previous MoveNextAsync has not completed: one stream has one reader.");
        try
        {
            while (true)
            {
                ValueTask<bool> read = _reader!.ReadAsync();
                if (!read.IsCompletedSuccessfully) return AwaitAsync(read);
                if (!read.Result) return new ValueTask<bool>(Finish());
                if (Accept()) return new ValueTask<bool>(true);
            }
        }
        catch (Exception e)
        {
            return ValueTask.FromException<bool>(Fail(e));
        }
    }

#pragma warning disable CA1816 // The finalizer is switched off where the call ends, which DisposeAsync may leave to the pending read.
    public async ValueTask DisposeAsync()
    {
        int state = Interlocked.Exchange(ref _state, Ended);
        DropTail();
        if (state == Reading)
        {
            // The pending read ends with a cancellation, and ends the call with it.
            _call?.Leave();
            return;
        }

        if (state != Resting) return;
        try
        {
            await _reader!.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            End(CallOutcome.Abandoned);
        }
    }

    /// <summary>Shows the update that the call's reader delivered; false when the caller does not see it by itself.</summary>
    private protected abstract bool Show(in HarborUpdate update);

    /// <summary>The answer is whole; the fold is still readable. Prepares what follows the last piece.</summary>
    private protected abstract void PrepareTail();

    /// <summary>Moves to the next piece of what was prepared.</summary>
    private protected abstract bool MoveTail();

    /// <summary>The caller left: nothing follows.</summary>
    private protected abstract void DropTail();

    /// <summary>The call is about to end, whole or not; everything about it is still readable.</summary>
    private protected virtual void OnEnding()
    {
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> OpenAsync()
    {
        try
        {
            CancellationToken token = _token.CanBeCanceled ? _token : _enumeratorToken;
            if (_enumeratorToken.CanBeCanceled && _enumeratorToken != token)
            {
                _linked = CancellationTokenSource.CreateLinkedTokenSource(_token, _enumeratorToken);
                token = _linked.Token;
            }

            (_call, PipelineStage pipeline) = _begin(token);
            _reader = await pipeline.OpenAsync(_call).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
            _call.Receive(_reader);
            return await ReadOnAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Exception shown = Fail(e);
            if (ReferenceEquals(shown, e)) throw;
            throw shown;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AwaitAsync(ValueTask<bool> read)
    {
        try
        {
            if (!await read.ConfigureAwait(false)) return Finish();
            return Accept() || await ReadOnAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Exception shown = Fail(e);
            if (ReferenceEquals(shown, e)) throw;
            throw shown;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadOnAsync()
    {
        while (await _reader!.ReadAsync().ConfigureAwait(false))
        {
            if (Accept()) return true;
        }

        return Finish();
    }

    /// <summary>Lets the root's observers see the update and shows it.</summary>
    private bool Accept()
    {
        ref readonly HarborUpdate update = ref _reader!.Current;
        if (_call!.Receive(update) is { } stop) ExceptionDispatchInfo.Throw(stop);
        if (!Show(update)) return false;
        if (Interlocked.CompareExchange(ref _state, Resting, Reading) == Reading) return true;
        throw new OperationCanceledException("The stream was disposed while it was being read.");
    }

    private bool Finish()
    {
        PrepareTail();
        CloseReader();
        Interlocked.Exchange(ref _state, Ended);
        End(CallOutcome.Succeeded);
        return MoveTail();
    }

    /// <summary>Ends the call with an error, and says which error the caller sees.</summary>
    private Exception Fail(Exception error)
    {
        Interlocked.Exchange(ref _state, Ended);
        CloseReader();
        if (_call is not null) CallErrors.Complete(_call, error);
        if (error is OperationCanceledException cancelled && _linked is not null && cancelled.CancellationToken == _linked.Token)
        {
            // The caller recognises its own token, not the one that links two.
            error = new OperationCanceledException(cancelled.Message, cancelled, _token.IsCancellationRequested ? _token : _enumeratorToken);
        }

        End(CallOutcome.From(error));
        return error;
    }

    private void End(CallOutcome outcome)
    {
        if (_call is not null)
        {
            if (!_call.HasEnded) OnEnding();
            _call.End(outcome);
        }

        _linked?.Dispose();
        GC.SuppressFinalize(this);
    }
#pragma warning restore CA1816

    /// <summary>Closes where nothing can be awaited. The library's readers close synchronously; a user's may not, and its fault must not hide the error that is under way.</summary>
    private void CloseReader()
    {
        try
        {
            ValueTask closing = _reader?.DisposeAsync() ?? default;
            if (!closing.IsCompletedSuccessfully) closing.AsTask().ContinueWith(static closed => _ = closed.Exception, TaskScheduler.Default);
        }
        catch (Exception)
        {
            // Only a user's reader can get here; ending the call gives back what it would have closed.
        }
    }

    private void Drop()
    {
        Interlocked.Exchange(ref _state, Ended);
        CloseReader();
        try
        {
            try
            {
                Log.StreamDropped(_call!.Services.Logger, _call.RequestedModel);
            }
            finally
            {
                End(CallOutcome.Abandoned);
            }
        }
        catch (Exception)
        {
            // A pool thread has nobody to tell: a logger that throws must not take the process down.
        }
    }
}
