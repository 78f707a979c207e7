using System.Collections.Concurrent;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Caching;

/// <summary>The runs of users' functions that are under way: one at a time for each key. Thread-safe.</summary>
/// <param name="answer">Finds or makes a value, and keeps it.</param>
/// <param name="stop">Cancelled when the client is disposed. It holds nothing that would have to be given back.</param>
/// <param name="time">The client's clock.</param>
/// <param name="logger">For what nobody waits for.</param>
internal sealed class OwnFlights(Func<OwnFlight, ValueTask<OwnResult>> answer, CancellationTokenSource stop, TimeProvider time, ILogger logger)
{
    /// <summary>The functions are cancelled by then; one that does not heed its token cannot hold up the disposal for longer.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Name, Type Type), OwnFlight> _flights = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // By Interlocked.
    private int _running;

    /// <summary>Whether the client is disposed.</summary>
    internal bool IsStopped => stop.IsCancellationRequested;

    /// <summary>Joins the run that is under way, or begins one. Whoever is let in leaves once.</summary>
    internal OwnFlight Board(OwnEntry entry, OwnDemand demand, out bool isJoined)
    {
        (string, Type) key = (entry.Name, entry.Type);
        while (true)
        {
            if (IsStopped) ErrorFactory.ThrowDisposed();
            if (_flights.TryGetValue(key, out OwnFlight? flight))
            {
                isJoined = true;
                if (flight.TryJoin()) return flight;
                Remove(flight);
                continue;
            }

            flight = new OwnFlight(entry, demand, logger);
            if (!_flights.TryAdd(key, flight)) continue;
            isJoined = false;

            // It may outlive who began it, and nothing of the caller's context goes with it.
            using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            _ = RunAsync(flight);
            return flight;
        }
    }

    internal void Leave(OwnFlight flight)
    {
        if (flight.Leave()) Remove(flight);
    }

    /// <summary>What is being made of a selection is not kept, and nobody else waits for it.</summary>
    /// <param name="selection">What is removed; null for everything.</param>
    internal void Forget(CacheSelection? selection)
    {
        foreach (OwnFlight flight in _flights.Values)
        {
            if (selection is { } some && !some.Means(flight.Entry.Name, flight.Entry.Tags)) continue;
            flight.Forget();
            Remove(flight);
        }
    }

    /// <summary>Cancels all runs, and releases who waits for them. No further one begins.</summary>
    internal void Stop() => _ = stop.CancelAsync();

    /// <summary>Waits until the runs are over, for a second at most.</summary>
    internal async Task EndAsync()
    {
        Stop();
        if (Volatile.Read(ref _running) > 0) await _idle.Task.WaitAsync(LongestStop, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Never throws.</summary>
    private async Task RunAsync(OwnFlight flight)
    {
        Interlocked.Increment(ref _running);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        CancellationTokenRegistration registration = stop.Token.UnsafeRegister(static flight => ((OwnFlight)flight!).Stop(), flight);
        try
        {
            OwnResult result = await answer(flight).ConfigureAwait(false);
            Remove(flight);
            flight.Succeed(result);
        }
        catch (Exception e)
        {
            // First gone: whoever comes now begins anew.
            Remove(flight);
            flight.Fail(e);
            if (flight.Demand == OwnDemand.NotDue) Log.OwnRefreshFailed(logger, e.GetType().Name);
        }
        finally
        {
            await registration.DisposeAsync().ConfigureAwait(false);
            await flight.DisposeAsync().ConfigureAwait(false);
            if (Interlocked.Decrement(ref _running) == 0 && IsStopped) _idle.TrySetResult();
        }
    }

    private void Remove(OwnFlight flight) => _flights.TryRemove(KeyValuePair.Create((flight.Entry.Name, flight.Entry.Type), flight));
}
