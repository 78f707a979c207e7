using System.Globalization;
using StackExchange.Redis;

namespace HarborClient.Redis;

/// <summary>
/// Tells the other processes what is removed, and hears it from them. A process does not hear itself. After a broken connection it says that something may have been missed: when the
/// connection is back, or when another node of a cluster has taken its place.
/// </summary>
internal sealed class RedisRemovalChannel
{
    private readonly RedisConnection _connection;
    private readonly RedisChannel _channel;
    private readonly string _process = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task _subscription = Task.CompletedTask;
    private IConnectionMultiplexer? _subscribed;
    private bool _isStopped;

    private Action<CacheSelection?>? _removed;
    private volatile bool _isUnconnected;
    private volatile bool _mayHaveMissed;

    internal RedisRemovalChannel(RedisConnection connection, string prefix)
    {
        _connection = connection;
        _channel = new RedisChannel(prefix + ":removed", RedisChannel.PatternMode.Literal);
    }

    internal void Watch(Action<CacheSelection?> removed)
    {
        _removed = removed;
        Subscribe();
    }

    internal async Task PublishAsync(CacheSelection selection)
    {
        IConnectionMultiplexer connection = await _connection.ConnectAsync().ConfigureAwait(false);
        await connection.GetSubscriber().PublishAsync(_channel, $"{_process}{Letter(selection.Kind)}{selection.Value}").ConfigureAwait(false);
    }

    /// <summary>Redis has answered: a subscription that failed is made again, and one that moved to another node while nobody noticed is told of.</summary>
    internal void Answered(IConnectionMultiplexer connection)
    {
        if (_removed is null) return;
        if (_isUnconnected) Subscribe();
        else if (_mayHaveMissed && connection.GetSubscriber().IsConnected(_channel)) TellMissed();
    }

    internal void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            if (_subscribed is not { } connection) return;
            connection.ConnectionFailed -= OnFailed;
            connection.ConnectionRestored -= OnRestored;
            _ = connection.GetSubscriber().UnsubscribeAsync(_channel, OnMessage, CommandFlags.FireAndForget);
            _subscribed = null;
        }
    }

    private static char Letter(CacheSelectionKind kind) => kind switch
    {
        CacheSelectionKind.Key => 'k',
        CacheSelectionKind.Tag => 't',
        _ => 'p',
    };

    private void Subscribe()
    {
        lock (_gate)
        {
            if (_subscription.IsCompleted) _subscription = SubscribeAsync();
        }
    }

    private async Task SubscribeAsync()
    {
        try
        {
            _isUnconnected = false;
            IConnectionMultiplexer connection = await _connection.ConnectAsync().ConfigureAwait(false);

            // One that has not come about yet subscribes when it has, and what was removed before is not heard.
            if (!connection.IsConnected) _mayHaveMissed = true;
            lock (_gate)
            {
                if (_isStopped) return;
                connection.ConnectionFailed += OnFailed;
                connection.ConnectionRestored += OnRestored;
                _subscribed = connection;
            }

            await connection.GetSubscriber().SubscribeAsync(_channel, OnMessage).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException or TimeoutException)
        {
            // Where there is no connection it is tried again by whoever reads. A broken one is subscribed by the client when it is back. One that refuses leaves entries to their expiry.
            lock (_gate) _isUnconnected = _subscribed is null;
            _mayHaveMissed = true;
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType == ConnectionType.Subscription) _mayHaveMissed = true;
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType == ConnectionType.Subscription) TellMissed();
    }

    private void OnMessage(RedisChannel channel, RedisValue message)
    {
        string text = (string?)message ?? "";
        if (text.StartsWith(_process, StringComparison.Ordinal)) return;
        CacheSelectionKind? kind = text.Length <= _process.Length ? null : text[_process.Length] switch
        {
            'k' => CacheSelectionKind.Key,
            't' => CacheSelectionKind.Tag,
            'p' => CacheSelectionKind.Prefix,
            _ => null,
        };

        // What a newer version says in other words may be any removal.
        if (kind is { } known) _removed!(new CacheSelection(known, text[(_process.Length + 1)..]));
        else TellMissed();
    }

    private void TellMissed()
    {
        _mayHaveMissed = false;
        _removed!(null);
    }
}
