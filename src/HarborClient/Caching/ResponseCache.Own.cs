using System.Text.Json.Serialization.Metadata;
using HarborClient.Caching;
using HarborClient.Errors;
using HarborClient.Telemetry;

namespace HarborClient;

/// <content>Values of one's own functions.</content>
public sealed partial class ResponseCache
{
    private readonly OwnFlights _own;

    /// <summary>
    /// The value that is kept under a key, or what a function makes, which is then kept: in the process's memory and in every level below it, in every mode. Of those who ask for a key at
    /// the same time one runs the function, and all get its value.
    /// </summary>
    /// <typeparam name="T">What the function makes. A key belongs to one type: what is kept and cannot be read as this one is made anew.</typeparam>
    /// <param name="key">1 to 400 characters, no control characters. It is not encrypted in the levels below.</param>
    /// <param name="factory">Makes the value. It runs for all who wait, without the context of the one who began it; its token is cancelled when the last of them has gone. It must not ask for its own key.</param>
    /// <param name="type">How the value becomes JSON and back, from a source-generated context.</param>
    /// <param name="ttl">How long the value is kept: more than zero, at most 365 days. Without it as long as each level keeps an answer.</param>
    /// <param name="tags">By which it can be removed; 1 to 200 characters each. Those of the one who runs the function count.</param>
    /// <param name="cancellationToken">Lets this caller go; the others wait on.</param>
    /// <returns>A value of the caller's own.</returns>
    /// <remarks>
    /// Values are kept as JSON, and each caller is given one that was read from it, so nobody sees what another does to theirs: a hit in memory costs the reading and what the value
    /// allocates. An error of the function goes to those who wait, as it is, and is not kept; with <see cref="CacheOptions.StaleFor"/> they get the expired value instead, if there is one in memory.
    /// After <see cref="CacheOptions.RefreshAfter"/> of its life a value is made anew behind the caller who is given it. A removal while the function runs means its value too.
    /// </remarks>
    /// <exception cref="HarborException">The key, the ttl or a tag is not as it must be (<see cref="ErrorKind.InvalidRequest"/>).</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> type, TimeSpan? ttl = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        OwnEntry.CheckKey(key);
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(type);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T>(cancellationToken);
        if (_own.IsStopped) ErrorFactory.ThrowDisposed();
        if (_memory.TryGet(OwnEntry.KeyOf(key), out MemoryItem? item) && item.Value is byte[] json && OwnValue<T>.TryRead(json, type, out T? value))
        {
            _counters.Hit(CacheLevel.Memory, null);
            if (Options.RefreshAfter < 1 && item.TryBeginRefresh(_time.GetTimestamp(), Options.RefreshAfter)) Refresh(new OwnValue<T>(key, factory, type, ttl, tags));
            return new ValueTask<T>(value);
        }

        return CreateAsync(new OwnValue<T>(key, factory, type, ttl, tags), cancellationToken);
    }

    /// <summary>Has a value kept, for no caller.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="isNew">Whether the function is to run in any case.</param>
    /// <param name="cancellationToken">Cancels the wait, and the function if nobody else waits for it.</param>
    internal async ValueTask MakeOwnAsync(OwnEntry entry, bool isNew, CancellationToken cancellationToken)
    {
        while (true)
        {
            OwnFlight flight = _own.Board(entry, isNew ? OwnDemand.New : OwnDemand.Kept, out bool isJoined);
            try
            {
                OwnResult result = await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);

                // The run that was joined was content with less.
                if (!isNew || !isJoined || result.Level == CacheLevel.None) return;
            }
            finally
            {
                _own.Leave(flight);
            }
        }
    }

    private async ValueTask<T> CreateAsync<T>(OwnValue<T> entry, CancellationToken cancellationToken)
    {
        OwnFlight flight = _own.Board(entry, OwnDemand.Kept, out bool isJoined);
        if (isJoined) _counters.Coalesced();
        var level = CacheLevel.None;
        try
        {
            OwnResult result = await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
            level = result.Level;
            return entry.Read(result.Json);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !_own.IsStopped && FindStale(entry) is { } stale)
        {
            if (!isJoined) Log.OwnStale(_logger, e);
            level = CacheLevel.Memory;
            return entry.Read(stale);
        }
        finally
        {
            if (level == CacheLevel.None) _counters.Missed();
            else _counters.Hit(level, null);
            _own.Leave(flight);
        }
    }

    private byte[]? FindStale(OwnEntry entry) =>
        Options.StaleFor > TimeSpan.Zero && _memory.TryGetExpired(entry.Key, out MemoryItem? item) && _time.GetElapsedTime(item.ExpiresAt) <= Options.StaleFor
            && item.Value is byte[] json && entry.CanRead(json) ? json : null;

    /// <summary>Behind the caller, who has a value. It is nobody's, so nobody leaves it.</summary>
    private void Refresh(OwnEntry entry)
    {
        OwnFlight flight = _own.Board(entry, OwnDemand.NotDue, out bool isJoined);
        if (isJoined) _own.Leave(flight);
    }

    /// <summary>Finds or makes a value, for all who wait for it.</summary>
    private async ValueTask<OwnResult> AnswerAsync(OwnFlight flight)
    {
        OwnEntry entry = flight.Entry;
        AskedAt asked = Now;

        // Between the look-up and here it may have been made.
        if (flight.Demand == OwnDemand.Kept && _memory.TryGet(entry.Key, out MemoryItem? item) && item.Value is byte[] kept && entry.CanRead(kept)) return new OwnResult(kept, CacheLevel.Memory);
        if (flight.Demand != OwnDemand.New && await FindBelowAsync(flight).ConfigureAwait(false) is { } found) return found;
        byte[] json = await entry.MakeAsync(flight.Token).ConfigureAwait(false);
        flight.Keep(() =>
        {
            Put(entry.Key, ItemOf(entry, json, Jittered(entry.Ttl ?? _memoryTtl), entry.Tags));
            WriteBelow(entry.Name, () => json, json.Length, entry.Ttl, entry.Tags, asked);
            _counters.Stored();
        });
        return new OwnResult(json, CacheLevel.None);
    }

    private async ValueTask<OwnResult?> FindBelowAsync(OwnFlight flight)
    {
        OwnEntry entry = flight.Entry;
        Decode<OwnResult> decode = (payload, level) => entry.CanRead(payload) ? new OwnResult(payload, level) : null;
        if (await FindItemBelowAsync(entry.Name, decode, skipsDue: flight.Demand == OwnDemand.NotDue).ConfigureAwait(false) is not { } found) return null;
        flight.Keep(() => Put(entry.Key, ItemOf(entry, found.Value.Json, found.Left < _memoryTtl ? found.Left : Jittered(_memoryTtl), found.Tags)));
        return found.Value;
    }

    private MemoryItem ItemOf(OwnEntry entry, byte[] json, TimeSpan ttl, IReadOnlyList<string> tags) =>
        ItemOf(json, StoredSize.Of(entry.Name, json, tags), OwnEntry.Space, entry.Name, ttl, tags);
}
