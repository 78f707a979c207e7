using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// What an open answer holds: the exchange, the read buffer, the batch. Given back exactly once, by whoever comes first: the end of the answer, the end
/// of its attempt, a clock or the client's disposal while nobody reads. While a read is running, which still uses the buffer, its return gives them back.
/// </summary>
internal sealed class AnswerResources(HttpExchange exchange, PooledBuffer buffer, UpdateBatch batch) : ICallCompletion
{
    private const int Resting = 0;
    private const int Reading = 1;
    private const int Closing = 2;
    private const int Closed = 3;

    // Resting ⇄ Reading → Closing → Closed. Changed by Interlocked.
    private int _state;

    /// <summary>Whether the body was read to its end, so that the connection can serve the next call.</summary>
    internal bool IsAtEnd { get; set; }

    /// <summary>A read begins; false when everything has been given back.</summary>
    internal bool TryBeginRead() => Interlocked.CompareExchange(ref _state, Reading, Resting) == Resting;

    internal void EndRead()
    {
        if (Interlocked.CompareExchange(ref _state, Resting, Reading) != Reading) Free();
    }

    internal void Close()
    {
        if (Interlocked.CompareExchange(ref _state, Closing, Reading) == Reading) return;
        if (Interlocked.CompareExchange(ref _state, Closing, Resting) == Resting) Free();
    }

    public void OnCompleted(Call call, CallOutcome outcome)
    {
        Close();
        call.IsSettled = exchange.IsSettled;
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref _state, Closed) == Closed) return;
        if (IsAtEnd) exchange.CloseAtEnd();
        else exchange.CloseEarly();
        batch.Release();
        buffer.Return();
    }
}
