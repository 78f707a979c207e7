using System.Diagnostics;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>
/// One enumeration of a stream with tools: the edge of each iteration's call in turn, and the results of functions between them. DisposeAsync may come
/// while a read is pending, also while functions run. A dropped one holds nothing but the edge of the iteration, which has a finalizer of its own.
/// </summary>
#pragma warning disable CA1001 // A CancellationTokenSource without timer or wait handle holds nothing to dispose, and a pending read may still look at it.
internal abstract class ToolEdge<T> : IAsyncEnumerator<T>
#pragma warning restore CA1001
{
    private readonly ToolLoop _loop;
    private readonly Func<ToolRun> _beginRun;
    private readonly CancellationToken _token;
    private readonly CancellationToken _enumeratorToken;
    private readonly CancellationTokenSource _left = new();
    private readonly Queue<T> _ready = new();
    private readonly ToolStop _stop;
    private ToolRun? _run;
    private Activity? _span;
    private bool _isOver;
    private bool _hasEnded;

    // Written by the reading thread, read by the one that disposes.
    private IAsyncEnumerator<T>? _inner;

    // Changed by Interlocked.
    private int _isReading;
    private int _isDisposed;

    private protected ToolEdge(ToolLoop loop, Func<ToolRun> beginRun, CancellationToken token, CancellationToken enumeratorToken)
    {
        _loop = loop;
        _beginRun = beginRun;
        _token = token;
        _enumeratorToken = enumeratorToken;
        _stop = new ToolStop(token, enumeratorToken, _left.Token, loop.Shutdown);
    }

    public T Current { get; private set; } = default!;

    private protected ToolRun Run => _run!;

    public async ValueTask<bool> MoveNextAsync()
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            // Whoever disposes holds the place of the reader while it ends the stream.
            if (IsDisposed) return false;
            throw new InvalidOperationException("The previous MoveNextAsync has not completed: one stream has one reader.");
        }

        try
        {
            return !IsDisposed && await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            End(e);
            throw;
        }
        finally
        {
            if (IsDisposed) End(null);
            Volatile.Write(ref _isReading, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        try
        {
            await _left.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException)
        {
            // An approval's own callback on the token threw. The token is cancelled all the same, and every other callback has run.
        }

        try
        {
            if (Volatile.Read(ref _inner) is { } inner) await inner.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            // Otherwise the pending read ends it.
            if (Interlocked.CompareExchange(ref _isReading, 1, 0) == 0)
            {
                End(null);
                Volatile.Write(ref _isReading, 0);
            }
        }
    }

    private bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>The enumerator of one iteration's call.</summary>
    private protected abstract IAsyncEnumerator<T> Open(Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token, CancellationToken enumeratorToken);

    /// <summary>Whether the caller sees a piece of an answer now.</summary>
    private protected abstract bool Shows(T piece);

    /// <summary>An answer is whole and was taken: what was held back of it can be shown, its calls as those that are run here or not.</summary>
    private protected abstract void ShowHeld(Queue<T> ready, bool runsCalls);

    /// <summary>Messages that no model made: results of functions, and calls that the caller approved.</summary>
    private protected abstract void Show(ChatMessage message, Queue<T> ready);

    /// <summary>Nothing but what is shown here follows.</summary>
    private protected abstract void ShowEnd(Queue<T> ready);

    /// <summary>The call has ended, whole or not.</summary>
    private protected virtual void OnEnded(HarborCallInfo info)
    {
    }

    private async ValueTask<bool> ReadAsync()
    {
        if (_run is null && !_isOver)
        {
            _span = ToolSpan.StartLoop();
            _run = _beginRun();
            foreach (ChatMessage message in await _run.ResumeAsync(_stop).ConfigureAwait(false)) Show(message, _ready);
            if (_run.IsTerminated) Finish();
        }

        // An async method leaves the caller's current activity as it was.
        if (_span is not null) Activity.Current = _span;
        while (true)
        {
            if (_ready.TryDequeue(out T? next))
            {
                Current = next;
                return true;
            }

            if (_isOver)
            {
                End(null);
                return false;
            }

            IAsyncEnumerator<T> inner = _inner ?? OpenNext();
            if (!await inner.MoveNextAsync().ConfigureAwait(false))
            {
                await GoOnAsync(inner).ConfigureAwait(false);
            }
            else if (Shows(inner.Current))
            {
                Current = inner.Current;
                return true;
            }
        }
    }

    private IAsyncEnumerator<T> OpenNext()
    {
        IAsyncEnumerator<T> inner = Open(_run!.Begin, _token, _enumeratorToken);
        Volatile.Write(ref _inner, inner);
        Interlocked.MemoryBarrier();

        // Whoever disposes marks first and looks for the inner one then: one of the two sees the other. Nothing has been begun yet.
        if (IsDisposed) _stop.ThrowIfRequested();
        return inner;
    }

    private async ValueTask GoOnAsync(IAsyncEnumerator<T> inner)
    {
        Volatile.Write(ref _inner, null);
        await inner.DisposeAsync().ConfigureAwait(false);
        if (IsDisposed) _stop.ThrowIfRequested();
        List<PlannedCall>? planned = _run!.Take();
        ShowHeld(_ready, planned is not null);
        if (planned is not null) Show(await _run.InvokeAsync(planned, _stop).ConfigureAwait(false), _ready);
        if (planned is null || _run.IsTerminated) Finish();
    }

    private void Finish()
    {
        _isOver = true;
        ShowEnd(_ready);
    }

    private void End(Exception? error)
    {
        _isOver = true;
        if (error is not null || IsDisposed) _ready.Clear();
        if (_hasEnded) return;
        _hasEnded = true;
        _run?.Complete(error);
        if (_run is { HasAsked: true }) OnEnded(_run.Info());
        ToolSpan.End(_span, error);
    }
}
