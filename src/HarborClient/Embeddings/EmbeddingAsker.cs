using HarborClient.Caching;
using HarborClient.Edge;
using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient.Embeddings;

/// <summary>Asks for some texts of a call, by their places in it.</summary>
/// <param name="texts">Which.</param>
/// <param name="settings">For whom, and how long it may take.</param>
/// <param name="flight">For whose callers: it cancels the request, and says when it was asked for.</param>
internal delegate ValueTask<EmbeddingResult> AskForTexts(int[] texts, CallSettings settings, EmbeddingFlight flight);

/// <summary>Gets one call's texts that are not kept: those that others have asked for come with their requests, the rest is asked for.</summary>
/// <param name="flights">What is asked for at this moment.</param>
/// <param name="cache">Where vectors are kept.</param>
/// <param name="request">What the call asks.</param>
/// <param name="settings">For whom.</param>
/// <param name="uses">The keys of its texts.</param>
/// <param name="found">The vectors of its texts; filled.</param>
/// <param name="time">The client's clock.</param>
internal sealed class EmbeddingAsker(EmbeddingFlights flights, ResponseCache cache, CallRequest request, CallSettings settings, CacheUse?[] uses, StoredVector?[] found, TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();
    private readonly List<EmbeddingResult> _results = [];

    // Where the texts come from that are waited for.
    private readonly List<(int Text, EmbeddingSeat Seat)> _joined = [];
    private readonly List<(int Text, EmbeddingSeat Seat)> _own = [];

    /// <summary>What its own requests came to.</summary>
    internal IReadOnlyList<EmbeddingResult> Results => _results;

    /// <summary>Runs until all texts are there.</summary>
    /// <param name="ask">Asks for some of the texts, and keeps what comes.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>False where a stage answered with another number of vectors than texts: the last result is all there is.</returns>
    internal async ValueTask<bool> RunAsync(AskForTexts ask, CancellationToken cancellationToken)
    {
        CallSettings now = settings;
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) throw Cancelled(cancellationToken);
            var flight = new EmbeddingFlight(request, settings, cache.Now);
            Board(flight);
            try
            {
                if (_own.Count > 0)
                {
                    int texts = _own.Count;
                    _ = FlyAsync(flight, [.. _own], now, ask);
                    EmbeddingResult result = await WaitAsync(flight, isLater: !ReferenceEquals(now, settings), cancellationToken).ConfigureAwait(false);
                    _results.Add(result);
                    if (result.Vectors.Length != texts) return false;
                    foreach ((int text, EmbeddingSeat seat) in _own) found[text] = VectorOf(result, seat);
                }

                foreach ((int text, EmbeddingSeat seat) in _joined) found[text] = await TakeAsync(seat, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                foreach ((_, EmbeddingSeat seat) in _joined) seat.Flight.Leave();

                // The last one out waits until nothing is held any more for what it asked.
                if (_own.Count > 0 && flight.Leave()) await ((Task)flight.Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_joined.TrueForAll(joined => found[joined.Text] is not null)) return true;
            now = settings.Within(Left() is var left && left == TimeSpan.Zero ? throw TimedOut(null) : left);
        }
    }

    private void Board(EmbeddingFlight flight)
    {
        _own.Clear();
        _joined.Clear();
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] is not null) continue;
            var own = new EmbeddingSeat(flight, _own.Count);
            EmbeddingSeat seat = uses[i] is { } use ? flights.Board(use.Key, own, request, settings) : own;
            if (!ReferenceEquals(seat, own))
            {
                _joined.Add((i, seat));
            }
            else if (uses[i] is { } shared && cache.FindVector(shared.Key) is { } kept)
            {
                // Between the look-up and here it has come.
                flights.Remove(shared.Key, seat);
                seat.Give();
                found[i] = kept;
            }
            else
            {
                _own.Add((i, seat));
            }
        }

        // Whoever has joined a text that then was not asked for looks again.
        if (_own.Count == 0) flight.Succeed(default);
    }

    /// <summary>Asks for its own texts, for all who wait for them. Never throws.</summary>
    private async Task FlyAsync(EmbeddingFlight flight, (int Text, EmbeddingSeat Seat)[] seats, CallSettings now, AskForTexts ask)
    {
        try
        {
            EmbeddingResult result = await ask([.. seats.Select(seat => seat.Text)], now, flight).ConfigureAwait(false);
            Land(seats, isWhole: result.Vectors.Length == seats.Length);
            flight.Succeed(result);
        }
        catch (Exception e)
        {
            // First gone: whoever comes now asks anew.
            Land(seats, isWhole: false);
            flight.Fail(e);
        }
    }

    private void Land((int Text, EmbeddingSeat Seat)[] seats, bool isWhole)
    {
        foreach ((int text, EmbeddingSeat seat) in seats)
        {
            if (uses[text] is { } use) flights.Remove(use.Key, seat);
            if (!isWhole) seat.Give();
        }
    }

    /// <summary>What its own request comes to. One that came after another's had only what was left of the call's duration.</summary>
    private async ValueTask<EmbeddingResult> WaitAsync(EmbeddingFlight flight, bool isLater, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw Cancelled(cancellationToken);
        }
        catch (HarborTimeoutException late) when (late.Clock == HarborClock.Total && isLater)
        {
            throw TimedOut(late);
        }
    }

    /// <summary>A text's vector from another call's request; null where that came to nothing for reasons of its own, and the text has to be asked for anew.</summary>
    private async ValueTask<StoredVector?> TakeAsync(EmbeddingSeat seat, CancellationToken cancellationToken)
    {
        Task<EmbeddingResult> result = seat.Flight.Result;
        await ((Task)result).WaitAsync(Left(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!result.IsCompleted) throw cancellationToken.IsCancellationRequested ? Cancelled(cancellationToken) : TimedOut(null);
        if (result.Exception?.InnerException is not HarborException error) return VectorOf(await result.ConfigureAwait(false), seat);

        // The budget and the clock of the one who asked are not this caller's. Of another error each caller has a copy: an exception that is thrown twice mixes two stacks.
        return error.Kind == ErrorKind.Budget || error is HarborTimeoutException { Clock: HarborClock.Total } ? null : throw error.Copy();
    }

    private TimeSpan Left()
    {
        if (settings.TotalTimeout == Timeout.InfiniteTimeSpan) return settings.TotalTimeout;
        TimeSpan left = settings.TotalTimeout - time.GetElapsedTime(_startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private HarborException TimedOut(HarborException? cause)
    {
        HarborException error = ErrorFactory.Timeout(HarborClock.Total, settings.TotalTimeout, cause?.Provider ?? request.Targets[0].Provider, cause?.Model ?? request.Targets[0].Model, cause);
        error.Attempts = cause?.Attempts ?? [];
        return error;
    }

    private static StoredVector? VectorOf(EmbeddingResult result, EmbeddingSeat seat) =>
        seat.Index >= 0 ? new StoredVector(result.Vectors[seat.Index], result.Model, CacheLevel.None) : null;

    private static OperationCanceledException Cancelled(CancellationToken token) => new("The call was cancelled by its caller.", token);
}
