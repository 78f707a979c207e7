using System.Collections.Concurrent;
using System.Globalization;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Limits;

/// <summary>
/// What one client shares with other processes. Its loop renews the slots of calls that run long, and exchanges with the others what each of them has found out about a
/// credential. Owner: the client, which starts it and awaits its stop.
/// </summary>
internal sealed class LimitSharing : IAsyncDisposable
{
    /// <summary>As often as the limits of processes are brought together (the simulation's 2 s).</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>A process that missed five beats is dead.</summary>
    private static readonly TimeSpan ShareLifetime = TimeSpan.FromSeconds(10);

    /// <summary>An idle process looks at what the others have and is not counted among them, or a busy one had to leave it a part.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a crashed process keeps the places of its calls.</summary>
    private static readonly TimeSpan SlotLifetime = TimeSpan.FromSeconds(30);

    /// <summary>Most calls are over by then and are never renewed; a renewal may fail several times before its slot is lost.</summary>
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(10);

    /// <summary>What was not handed over by then is lost, and comes back by itself: slots expire, and buckets refill.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly GuardedExchange _exchange;
    private readonly TimeProvider _time;
    private readonly ILimitExchange? _owned;
    private readonly ILogger _logger;
    private readonly string _process = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, HeldSlot> _slots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ISharedRoute> _routes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _posts = new();
    private readonly Task _loop;
    private readonly Lazy<Task> _end;
    private long _lastSlot;
    private volatile bool _hasEnded;

    /// <param name="exchange">Where processes meet.</param>
    /// <param name="isOwned">Whether it is disposed with this.</param>
    /// <param name="time">The client's clock.</param>
    /// <param name="logger">For outages.</param>
    internal LimitSharing(ILimitExchange exchange, bool isOwned, TimeProvider time, ILogger logger)
    {
        _exchange = new GuardedExchange(exchange, time, logger);
        _owned = isOwned ? exchange : null;
        _time = time;
        _logger = logger;
        _end = new Lazy<Task>(EndAsync);
        _loop = RunAsync(_stop.Token);
    }

    /// <summary>A credential of this client's from now on.</summary>
    /// <remarks>It is told at once what the others have left, or it would begin with a whole minute of its own.</remarks>
    internal void Add(ISharedRoute route) => Keep(JoinAsync(route));

    internal LimitSlot NewSlot(int maximum) => new($"{_process}:{Interlocked.Increment(ref _lastSlot).ToString(CultureInfo.InvariantCulture)}", maximum, SlotLifetime);

    /// <summary>Takes for a call. Null when the exchange could not be asked.</summary>
    internal async ValueTask<LimitTaken?> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot)
    {
        LimitTaken? taken = await _exchange.TakeAsync(owner, amounts, slot).ConfigureAwait(false);
        if (slot is not null && taken is { IsTaken: true }) _slots[slot.Id] = new HeldSlot(owner, slot.Id) { RenewedAt = _time.GetTimestamp() };
        return taken;
    }

    /// <summary>Settles what a call took; nobody waits for it.</summary>
    internal void Post(string owner, IReadOnlyList<BucketAmount> corrections, LimitSlot? slot)
    {
        if (slot is not null) _slots.TryRemove(slot.Id, out _);
        if (_hasEnded) return;
        Keep(_exchange.SettleAsync(owner, corrections, slot?.Id).AsTask());
    }

    /// <summary>The stop waits for it.</summary>
    private void Keep(Task post)
    {
        if (post.IsCompleted) return;
        _posts.TryAdd(post, true);
        _ = post.ContinueWith(
            static (done, posts) => ((ConcurrentDictionary<Task, bool>)posts!).TryRemove(done, out _),
            _posts,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Begins to stop; does not wait. Idempotent.</summary>
    internal void Stop() => _ = _end.Value;

    public ValueTask DisposeAsync() => new(_end.Value);

    private async Task RunAsync(CancellationToken stop)
    {
        using var beat = new PeriodicTimer(Beat, _time);
        try
        {
            while (await beat.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                foreach (ISharedRoute route in _routes.Values) await ShareAsync(route).ConfigureAwait(false);
                await RenewAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop.
        }
    }

    private async Task JoinAsync(ISharedRoute route)
    {
        await ShareAsync(route).ConfigureAwait(false);
        _routes[route.Name] = route;
    }

    private async ValueTask ShareAsync(ISharedRoute route)
    {
        TimeSpan lifetime = route.TakeUse() ? ShareLifetime : Glance;
        if (await _exchange.ExchangeAsync(route.Name, _process, route.Publish(), lifetime).ConfigureAwait(false) is { } mean) route.Nudge(mean);
        IReadOnlyList<BucketAmount> spent = route.TakeSpent();
        if (spent.Count == 0) return;
        IReadOnlyList<long> left = await _exchange.SettleAsync(route.Name, spent, null).ConfigureAwait(false);
        for (int i = 0; i < left.Count && i < spent.Count; i++) route.Allot(i, left[i], Beat);
    }

    private async ValueTask RenewAsync()
    {
        long now = _time.GetTimestamp();
        foreach (IGrouping<string, HeldSlot> held in _slots.Values.Where(slot => _time.GetElapsedTime(slot.RenewedAt, now) >= RenewAfter).GroupBy(slot => slot.Owner))
        {
            HeldSlot[] due = [.. held];
            await _exchange.RenewAsync(held.Key, [.. due.Select(slot => slot.Id)], SlotLifetime).ConfigureAwait(false);
            foreach (HeldSlot slot in due) slot.RenewedAt = now;
        }
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_posts.Keys).WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // See LongestStop.
        }

        _hasEnded = true;
        try
        {
            if (_owned is IAsyncDisposable both) await both.DisposeAsync().ConfigureAwait(false);
            else (_owned as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            Log.LimitExchangeNotDisposed(_logger, e);
        }

        _stop.Dispose();
    }

    private sealed class HeldSlot(string owner, string id)
    {
        internal string Owner => owner;

        internal string Id => id;

        internal long RenewedAt { get; set; }
    }
}
