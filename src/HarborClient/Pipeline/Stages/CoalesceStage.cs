using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using HarborClient.Caching;
using HarborClient.Errors;
using HarborClient.Telemetry;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Has calls that ask the same at the same time share one answer (<see cref="Flight"/>), and the whole answer kept. Only those that the cache stage has looked up in vain come together.
/// </summary>
internal sealed class CoalesceStage(PipelineStage next, CacheWriter writer, ResponseCache cache) : PipelineStage(next)
{
    // Apart, because their answers travel in different ways.
    private readonly ConcurrentDictionary<CacheKey, Flight> _plain = new();
    private readonly ConcurrentDictionary<CacheKey, Flight> _streams = new();

    public override ValueTask<UpdateReader> OpenAsync(Call call)
    {
        if (call.Target is not null || call.CacheUse is not { } use) return Next.OpenAsync(call);
        if (call.Settings.Cache != CachePolicy.Refresh) return OpenSharedAsync(call, use);

        // Whoever wants a new answer does not want one that was asked for before.
        call.OnCompleted(writer);
        return Next.OpenAsync(call);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpdateReader> OpenSharedAsync(Call call, CacheUse use)
    {
        while (true)
        {
            FlightSubscriber? subscriber = Board(call, use);
            if (subscriber is null)
            {
                // The flight has just landed.
                if (cache.Find(use.Key, out _) is not { } hit) continue;
                call.Hit = hit;
                return StoredReader.Of(call, hit, cache.Options.ReplayCharactersPerSecond);
            }

            try
            {
                await subscriber.OpenedAsync().ConfigureAwait(false);
                return !subscriber.IsOpener ? new JoinedReader(subscriber, call, Next) : subscriber;
            }
            catch (HarborException e) when (e.Kind == ErrorKind.Budget && !subscriber.IsOpener)
            {
                // The budget of the one who asked is not this caller's.
                subscriber.Withdraw();
            }
        }
    }

    /// <summary>Joins the flight that is under way, or opens one; null where its answer has just been kept.</summary>
    private FlightSubscriber? Board(Call call, CacheUse use)
    {
        ConcurrentDictionary<CacheKey, Flight> flights = FlightsLike(call);
        while (true)
        {
            if (!flights.TryGetValue(use.Key, out Flight? flight))
            {
                flight = new Flight(call.Detached(), this);
                if (!flights.TryAdd(use.Key, flight))
                {
                    flight.Root.End(CallOutcome.Abandoned);
                    continue;
                }

                if (!cache.Has(use.Key)) return flight.Open(call, Next);

                // Between the look-up and here it was answered.
                Remove(flight);
                flight.Root.End(CallOutcome.Abandoned);
                return null;
            }

            // Whoever asks after a removal wants no answer that was asked for before it.
            if (!cache.IsCurrent(flight.Asked))
            {
                Remove(flight);
                continue;
            }

            // One that other rules hold for goes alone.
            if (!flight.Serves(call)) return new Flight(call.Detached(), this).Open(call, Next);
            if (flight.TryJoin(call) is { } joined)
            {
                cache.Joined();
                return joined;
            }

            Remove(flight);
            if (cache.Has(use.Key)) return null;
        }
    }

    /// <summary>Nobody joins it any more.</summary>
    internal void Remove(Flight flight) => FlightsLike(flight.Root).TryRemove(KeyValuePair.Create(flight.Root.CacheUse!.Key, flight));

    private ConcurrentDictionary<CacheKey, Flight> FlightsLike(Call call) => call.IsStreaming ? _streams : _plain;

    /// <summary>Its answer is whole.</summary>
    internal void Keep(Call root)
    {
        try
        {
            writer.Keep(root);
        }
        catch (Exception e)
        {
            // Whatever goes wrong with keeping an answer, those who wait for it have it.
            Log.CompletionThrew(root.Services.Logger, nameof(CacheWriter), e);
        }
    }
}
