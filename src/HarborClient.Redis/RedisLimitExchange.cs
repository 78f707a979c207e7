using System.Globalization;
using HarborClient.Redis;
using StackExchange.Redis;

namespace HarborClient;

/// <summary>Limits that several processes share through Redis: each operation is one script that runs on the server, by the server's clock.</summary>
/// <remarks>
/// Needs Redis 5 or newer. All keys of an owner lie in one hash slot, so a cluster serves it. What nobody uses expires by itself: a bucket when it is full again, a slot and a
/// process after their lifetime. Names of users and tenants are parts of keys, those of more than 128 characters as a hash. Thread-safe.
/// </remarks>
public sealed class RedisLimitExchange : ILimitExchange, IAsyncDisposable
{
    private readonly RedisConnection _connection;
    private readonly string _prefix;

    /// <summary>Over a connection that is there.</summary>
    /// <param name="connection">Stays the caller's: it is never disposed here.</param>
    /// <param name="prefix">What all keys begin with. Programs that share limits have the same.</param>
    public RedisLimitExchange(IConnectionMultiplexer connection, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(connection);
        _prefix = RedisKeys.Checked(prefix);
        _connection = new RedisConnection(connection);
    }

    /// <summary>Over a connection of its own, which opens in the background and is closed by <see cref="DisposeAsync"/>.</summary>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. A server that is away is waited for.</param>
    /// <param name="prefix">What all keys begin with. Programs that share limits have the same.</param>
    /// <exception cref="HarborException">The configuration cannot be read (<see cref="ErrorKind.Configuration"/>).</exception>
    public RedisLimitExchange(string configuration, string prefix = "harbor")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        _prefix = RedisKeys.Checked(prefix);
        _connection = new RedisConnection(configuration, nameof(RedisLimitExchange));
    }

    /// <inheritdoc/>
    public async ValueTask<LimitTaken> TakeAsync(string owner, IReadOnlyList<BucketAmount> amounts, LimitSlot? slot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        var arguments = new RedisValue[(4 * amounts.Count) + 4];
        Write(amounts, arguments);
        int at = (4 * amounts.Count) + 1;
        arguments[at] = slot?.Id ?? "";
        arguments[at + 1] = slot?.Maximum ?? 0;
        arguments[at + 2] = (long)(slot?.Lifetime.TotalMilliseconds ?? 0);
        RedisValue[] result = await RunAsync(RedisLimitScripts.Take, [BucketsOf(owner), SlotsOf(owner)], arguments, cancellationToken).ConfigureAwait(false);
        int refusedBy = (int)result[0];
        return refusedBy < 0 ? LimitTaken.Taken : LimitTaken.Refused(refusedBy, TimeSpan.FromMicroseconds((long)result[1]));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<long>> SettleAsync(string owner, IReadOnlyList<BucketAmount> corrections, string? slotId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(corrections);
        var arguments = new RedisValue[(4 * corrections.Count) + 2];
        Write(corrections, arguments);
        arguments[^1] = slotId ?? "";
        RedisValue[] result = await RunAsync(RedisLimitScripts.Settle, [BucketsOf(owner), SlotsOf(owner)], arguments, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(result, left => (long)left);
    }

    /// <inheritdoc/>
    public async ValueTask RenewAsync(string owner, IReadOnlyList<string> slotIds, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slotIds);
        var arguments = new RedisValue[slotIds.Count + 1];
        arguments[0] = (long)lifetime.TotalMilliseconds;
        for (int i = 0; i < slotIds.Count; i++) arguments[i + 1] = slotIds[i];
        await RunAsync(RedisLimitScripts.Renew, [SlotsOf(owner)], arguments, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LimitShare> ExchangeAsync(string owner, string process, LimitShare own, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [process, Text(own.Limit), Text(own.Maximum), (long)lifetime.TotalMilliseconds];
        RedisValue[] result = await RunAsync(RedisLimitScripts.Exchange, [KeyOf(owner, "shares")], arguments, cancellationToken).ConfigureAwait(false);
        return new LimitShare(Number(result[0]), Number(result[1]), (int)result[2]);
    }

    /// <summary>Closes the connection that was opened here; one that was handed in stays open.</summary>
    /// <returns>A task that completes when it is closed.</returns>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>What stands between the first braces decides the hash slot. A brace inside the owner's name ends it early, at the same place in all keys of the owner.</summary>
    private string KeyOf(string owner, string what) => $"{_prefix}:{{limits:{owner}}}:{what}";

    private RedisKey BucketsOf(string owner) => KeyOf(owner, "buckets");

    private RedisKey SlotsOf(string owner) => KeyOf(owner, "slots");

    private static void Write(IReadOnlyList<BucketAmount> amounts, RedisValue[] arguments)
    {
        arguments[0] = amounts.Count;
        for (int i = 0; i < amounts.Count; i++)
        {
            LimitBucket bucket = amounts[i].Bucket;
            int at = (4 * i) + 1;
            arguments[at] = bucket.Name;
            arguments[at + 1] = amounts[i].Amount;
            arguments[at + 2] = bucket.Capacity;
            arguments[at + 3] = (long)bucket.Period.TotalMicroseconds;
        }
    }

    private Task<RedisValue[]> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        RedisConnection.WaitAsync(RunAsync(script, keys, arguments), cancellationToken);

    private async Task<RedisValue[]> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments) =>
        await RedisConnection.RunAsync(await _connection.DatabaseAsync().ConfigureAwait(false), script, keys, arguments).ConfigureAwait(false);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(RedisValue value) => double.Parse((string?)value ?? "", CultureInfo.InvariantCulture);
}
