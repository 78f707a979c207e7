using System.Collections.Concurrent;
using HarborClient.Caching;
using HarborClient.Pipeline;

namespace HarborClient.Embeddings;

/// <summary>The texts that are asked for at this moment. Thread-safe.</summary>
internal sealed class EmbeddingFlights(ResponseCache cache)
{
    private readonly ConcurrentDictionary<CacheKey, EmbeddingSeat> _seats = new();

    /// <summary>Joins the request that a text is a part of; where there is none, others find it in the caller's own.</summary>
    /// <param name="key">The text's.</param>
    /// <param name="own">Its place in the caller's own request.</param>
    /// <param name="request">What the call asks.</param>
    /// <param name="settings">For whom.</param>
    /// <returns>Where the text is; <paramref name="own"/> where the caller has to ask for it.</returns>
    internal EmbeddingSeat Board(CacheKey key, EmbeddingSeat own, CallRequest request, CallSettings settings)
    {
        while (!_seats.TryAdd(key, own))
        {
            if (!_seats.TryGetValue(key, out EmbeddingSeat? seat)) continue;

            // A text that is twice in one call is sent as it is.
            if (ReferenceEquals(seat.Flight, own.Flight)) return own;

            // Whoever asks after a removal wants no vector that was asked for before it.
            if (cache.IsCurrent(seat.Flight.Asked))
            {
                // One that other rules hold for goes alone.
                if (!seat.Flight.Serves(request, settings)) return own;
                if (seat.Flight.TryJoin())
                {
                    cache.Joined();
                    return seat;
                }
            }

            Remove(key, seat);
        }

        return own;
    }

    /// <summary>Nobody joins it any more.</summary>
    internal void Remove(CacheKey key, EmbeddingSeat seat) => _seats.TryRemove(KeyValuePair.Create(key, seat));
}
