using HarborClient.Redis;
using StackExchange.Redis;

namespace HarborClient;

/// <summary>Answers that processes share through Redis, alone or as a cluster.</summary>
/// <remarks>
/// Needs Redis 5 or newer. An entry is one string that expires by itself, read with one GET; a tag is a sorted set of the entries that have it, which expires with the last of them.
/// Entries lie on all nodes of a cluster. Thread-safe.
/// </remarks>
public sealed class RedisCacheLevel : ICacheLevel
{
    private readonly RedisConnection _connection;
    private readonly RedisRemovalChannel _channel;
    private readonly string _entries;
    private readonly string _tags;

    /// <summary>Over a connection that is there.</summary>
    /// <param name="connection">Stays the caller's: it is never disposed here.</param>
    /// <param name="options">How long entries are kept, and what keys begin with.</param>
    /// <exception cref="HarborException">An option is out of its bounds (<see cref="ErrorKind.Configuration"/>).</exception>
    public RedisCacheLevel(IConnectionMultiplexer connection, RedisCacheOptions? options = null)
        : this(new RedisConnection(connection ?? throw new ArgumentNullException(nameof(connection))), (options ?? new RedisCacheOptions()).Validated())
    {
    }

    /// <summary>Over a connection of its own, which opens in the background and is closed by <see cref="DisposeAsync"/>.</summary>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. A server that is away is waited for.</param>
    /// <param name="options">How long entries are kept, and what keys begin with.</param>
    /// <exception cref="HarborException">The configuration cannot be read, or an option is out of its bounds (<see cref="ErrorKind.Configuration"/>).</exception>
    public RedisCacheLevel(string configuration, RedisCacheOptions? options = null)
        : this((options ?? new RedisCacheOptions()).Validated(), configuration)
    {
    }

    private RedisCacheLevel(RedisCacheOptions options, string configuration)
        : this(new RedisConnection(configuration, nameof(RedisCacheLevel)), options)
    {
    }

    private RedisCacheLevel(RedisConnection connection, RedisCacheOptions options)
    {
        _connection = connection;
        _channel = new RedisRemovalChannel(connection, options.Prefix);
        _entries = options.Prefix + ":cache:";
        _tags = options.Prefix + ":tag:";
        Ttl = options.Ttl;
    }

    /// <inheritdoc/>
    public CacheLevel Level => CacheLevel.Distributed;

    /// <inheritdoc/>
    public TimeSpan Ttl { get; }

    /// <inheritdoc/>
    public async ValueTask<CacheItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        IConnectionMultiplexer connection = await _connection.ConnectAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        byte[]? bytes;
        try
        {
            bytes = await RedisConnection.WaitAsync(connection.GetDatabase().StringGetAsync(_entries + key), cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // Somebody else's: no entry, and no fault of the server.
            bytes = null;
        }

        _channel.Answered(connection);
        return RedisCacheFormat.Read(bytes);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string key, CacheItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);

        // Not from now on: the clock of whoever made it may be another than this machine's. It lives a little longer for it, and is not delivered.
        TimeSpan ttl = item.ExpiresAt - item.CreatedAt;
        if (ttl <= TimeSpan.Zero) return;
        await RedisConnection.WaitAsync(SetAsync(key, item, TimeSpan.FromMilliseconds(Math.Ceiling(ttl.TotalMilliseconds))), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(CacheSelection selection, CancellationToken cancellationToken) =>
        await RedisConnection.WaitAsync(RemoveNowAsync(selection, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Watch(Action<CacheSelection?> removed)
    {
        ArgumentNullException.ThrowIfNull(removed);
        _channel.Watch(removed);
    }

    /// <summary>Closes the connection that was opened here; one that was handed in stays open.</summary>
    /// <returns>A task that completes when it is closed.</returns>
    public ValueTask DisposeAsync()
    {
        _channel.Stop();
        return _connection.DisposeAsync();
    }

    private async Task<bool> SetAsync(string key, CacheItem item, TimeSpan ttl)
    {
        IDatabase database = await _connection.DatabaseAsync().ConfigureAwait(false);

        // First, so that no entry is ever there that its tag does not find.
        RedisValue[] arguments = [key, (long)ttl.TotalMilliseconds];
        await Task.WhenAll(item.Tags.Select(tag => RedisConnection.RunAsync(database, RedisCacheScripts.Index, [_tags + tag], arguments))).ConfigureAwait(false);
        return await database.StringSetAsync(_entries + key, RedisCacheFormat.Write(item), ttl).ConfigureAwait(false);
    }

    private async Task<bool> RemoveNowAsync(CacheSelection selection, CancellationToken cancellationToken)
    {
        IConnectionMultiplexer connection = await _connection.ConnectAsync().ConfigureAwait(false);

        // Before: who is writing such an entry at this moment learns that it is too late. And after: who has read one meanwhile does not keep it.
        await _channel.PublishAsync(selection).ConfigureAwait(false);
        await RemoveAsync(connection, selection, cancellationToken).ConfigureAwait(false);
        await _channel.PublishAsync(selection).ConfigureAwait(false);
        return true;
    }

    private async Task RemoveAsync(IConnectionMultiplexer connection, CacheSelection selection, CancellationToken cancellationToken)
    {
        IDatabase database = connection.GetDatabase();
        switch (selection.Kind)
        {
            case CacheSelectionKind.Key:
                await database.KeyDeleteAsync(_entries + selection.Value).ConfigureAwait(false);
                break;
            case CacheSelectionKind.Tag:
                await RedisCacheRemovals.RemoveIndexedAsync(database, _tags + selection.Value, key => _entries + (string?)key, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await RedisCacheRemovals.RemoveByPrefixAsync(connection, _entries + selection.Value, cancellationToken).ConfigureAwait(false);
                break;
        }
    }
}
