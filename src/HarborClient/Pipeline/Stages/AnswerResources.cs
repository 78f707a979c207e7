using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// What an open answer holds: the exchange, the read buffer, the batch. The exchange is closed by whoever comes first: the end of the answer or of its
/// attempt, or a clock, the caller's token or the client's disposal, on their own threads. The memory goes back only where nobody can look at an update
/// in it any more: with the next read, the reader's disposal or the attempt's end. Each goes back exactly once.
/// </summary>
internal sealed class AnswerResources(HttpExchange exchange, PooledBuffer buffer, UpdateBatch batch) : ICallCompletion
{
    private const int Resting = 0;
    private const int Reading = 1;

    /// <summary>The exchange has to be closed when the read that is running returns.</summary>
    private const int Leaving = 2;

    /// <summary>The exchange is closed; an update may still be looked at.</summary>
    private const int Left = 3;

    /// <summary>All has to be given back when the read that is running returns.</summary>
    private const int Closing = 4;
    private const int Closed = 5;

    // Resting ⇄ Reading. Leave: Resting → Left, Reading → Leaving → Left. Close: Resting or Left → Closed at once, Reading or Leaving → Closing → Closed when
    // the read returns. Changed by Interlocked.
    private int _state;

    internal HttpExchange Exchange => exchange;

    internal PooledBuffer Buffer => buffer;

    internal UpdateBatch Batch => batch;

    /// <summary>Whether the body was read to its end, so that the connection can serve the next call.</summary>
    internal bool IsAtEnd { get; set; }

    /// <summary>A read begins; false when the exchange has been closed.</summary>
    internal bool TryBeginRead() => TryMove(Resting, Reading);

    internal void EndRead()
    {
        if (TryMove(Reading, Resting)) return;
        if (TryMove(Leaving, Left)) CloseExchange();
        else Free();
    }

    /// <summary>Closes the exchange from any thread. What was read stays readable.</summary>
    internal void Leave()
    {
        // Again where a read began or ended between the two.
        while (Volatile.Read(ref _state) is Resting or Reading)
        {
            if (TryMove(Reading, Leaving)) return;
            if (!TryMove(Resting, Left)) continue;
            CloseExchange();
            return;
        }
    }

    /// <summary>Gives everything back: nobody looks at an update any more.</summary>
    internal void Close()
    {
        while (Volatile.Read(ref _state) is not (Closing or Closed))
        {
            if (TryMove(Reading, Closing) || TryMove(Leaving, Closing)) return;
            if (!TryMove(Resting, Closing) && !TryMove(Left, Closing)) continue;
            Free();
            return;
        }
    }

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        Close();
        call.IsSettled = exchange.IsSettled;
    }

    private bool TryMove(int from, int to) => Interlocked.CompareExchange(ref _state, to, from) == from;

    private void CloseExchange()
    {
        if (IsAtEnd) exchange.CloseAtEnd();
        else exchange.CloseEarly();
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref _state, Closed) == Closed) return;
        CloseExchange();
        batch.Release();
        buffer.Return();
    }
}
