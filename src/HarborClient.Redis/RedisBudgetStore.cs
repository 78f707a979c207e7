using HarborClient.Redis;
using StackExchange.Redis;

namespace HarborClient;

/// <summary>Budgets that several processes share through Redis: a claim is one script that runs on the server.</summary>
/// <remarks>
/// <para>
/// Needs Redis 5 or newer. All keys of an account lie in one hash slot, so a cluster serves it; they expire a day after the account's window ends, those of a window that never ends ten years
/// after its last claim. Thread-safe.
/// </para>
/// <para>
/// What Redis forgets was not spent: a server that holds budgets should keep its data (AOF) and evict none (<c>noeviction</c>). Of what it lost, processes that live report
/// theirs again within a beat; what dead ones had spent is gone.
/// </para>
/// </remarks>
public sealed class RedisBudgetStore : IBudgetStore, IAsyncDisposable
{
    private static readonly TimeSpan AfterWindow = TimeSpan.FromDays(1);

    private readonly RedisConnection _connection;
    private readonly string _prefix;

    /// <summary>Over a connection that is there.</summary>
    /// <param name="connection">Stays the caller's: it is never disposed here.</param>
    /// <param name="prefix">What all keys begin with. Programs that share budgets have the same.</param>
    public RedisBudgetStore(IConnectionMultiplexer connection, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(connection);
        _prefix = RedisKeys.Checked(prefix);
        _connection = new RedisConnection(connection);
    }

    /// <summary>Over a connection of its own, which opens in the background and is closed by <see cref="DisposeAsync"/>.</summary>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. A server that is away is waited for.</param>
    /// <param name="prefix">What all keys begin with. Programs that share budgets have the same.</param>
    /// <exception cref="HarborException">The configuration cannot be read (<see cref="ErrorKind.Configuration"/>).</exception>
    public RedisBudgetStore(string configuration, string prefix = "harbor")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        _prefix = RedisKeys.Checked(prefix);
        _connection = new RedisConnection(configuration, nameof(RedisBudgetStore));
    }

    /// <inheritdoc/>
    public async ValueTask<BudgetLease> RenewAsync(BudgetClaim claim, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        RedisValue forgottenAt = claim.WindowEnds is { } ends ? (ends + AfterWindow).ToUnixTimeMilliseconds() : "";
        RedisKey[] keys = [KeyOf(claim.Account, "leases"), KeyOf(claim.Account, "ends")];
        RedisValue[] arguments =
        [
            claim.Holder, claim.Sequence, claim.Limit.NanoUsd, claim.Spent.NanoUsd, claim.Kept.NanoUsd, claim.Needed.NanoUsd, claim.Wanted.NanoUsd,
            (long)claim.Lifetime.TotalMilliseconds, forgottenAt,
        ];
        RedisValue[] result = await RedisConnection.WaitAsync(RunAsync(keys, arguments), cancellationToken).ConfigureAwait(false);
        return new BudgetLease(new Money((long)result[0]), new Money((long)result[1]), new Money((long)result[2]), new Money((long)result[3]));
    }

    /// <summary>Closes the connection that was opened here; one that was handed in stays open.</summary>
    /// <returns>A task that completes when it is closed.</returns>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>What it is called in messages: no address, which may hold a password.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"Redis, keys '{_prefix}:…' (UseRedisBudgets)";

    /// <summary>What stands between the first braces decides the hash slot. A brace inside the account's name ends it early, at the same place in both keys.</summary>
    private RedisKey KeyOf(string account, string what) => $"{_prefix}:{{budget:{account}}}:{what}";

    private async Task<RedisValue[]> RunAsync(RedisKey[] keys, RedisValue[] arguments) =>
        await RedisConnection.RunAsync(await _connection.DatabaseAsync().ConfigureAwait(false), RedisBudgetScripts.Renew, keys, arguments).ConfigureAwait(false);
}
