using HarborClient.Redis;
using StackExchange.Redis;

namespace HarborClient;

/// <summary>Has clients share their limits, budgets and answers through Redis.</summary>
public static class RedisHarborBuilderExtensions
{
    /// <summary>Shares limits with the other processes that use the same Redis and prefix, over a connection of the client's own.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. The connection opens in the background when the client is built, and is closed with it.</param>
    /// <param name="prefix">What all keys begin with.</param>
    /// <returns>The builder.</returns>
    /// <remarks>While Redis is away each process keeps its limits alone; no call fails for it.</remarks>
    /// <exception cref="HarborException">The configuration cannot be read (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseRedisLimits(this HarborBuilder builder, string configuration, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Read once here, so that what is wrong with it is said here. Nothing is opened before it is needed.
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        RedisConnection.Read(configuration, nameof(UseRedisLimits));
        return builder.UseLimitExchange(() => new RedisLimitExchange(configuration, prefix));
    }

    /// <summary>Shares limits with the other processes that use the same Redis and prefix, over a connection that is there.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <param name="prefix">What all keys begin with.</param>
    /// <returns>The builder.</returns>
    /// <remarks>While Redis is away each process keeps its limits alone; no call fails for it.</remarks>
    public static HarborBuilder UseRedisLimits(this HarborBuilder builder, IConnectionMultiplexer connection, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseLimitExchange(new RedisLimitExchange(connection, prefix));
    }

    /// <summary>Shares all budgets (<see cref="HarborBuilder.AddBudget"/>) with the other processes that use the same Redis and prefix, over a connection of the client's own.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. The connection opens in the background when the client is built, and is closed with it.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="prefix">What all keys begin with.</param>
    /// <returns>The builder.</returns>
    /// <remarks>A cap holds for all processes together; a call waits for Redis only where its process has not leased enough. While Redis is away, <see cref="BudgetSharingOptions.Outage"/> says what happens.</remarks>
    /// <exception cref="HarborException">The configuration cannot be read (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseRedisBudgets(this HarborBuilder builder, string configuration, Action<BudgetSharingOptions>? configure = null, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        RedisConnection.Read(configuration, nameof(UseRedisBudgets));
        RedisKeys.Checked(prefix);
        return builder.UseBudgetStore(() => new RedisBudgetStore(configuration, prefix), configure);
    }

    /// <summary>Shares all budgets (<see cref="HarborBuilder.AddBudget"/>) with the other processes that use the same Redis and prefix, over a connection that is there.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="prefix">What all keys begin with.</param>
    /// <returns>The builder.</returns>
    /// <remarks>A cap holds for all processes together; a call waits for Redis only where its process has not leased enough. While Redis is away, <see cref="BudgetSharingOptions.Outage"/> says what happens.</remarks>
    public static HarborBuilder UseRedisBudgets(this HarborBuilder builder, IConnectionMultiplexer connection, Action<BudgetSharingOptions>? configure = null, string prefix = "harbor")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseBudgetStore(new RedisBudgetStore(connection, prefix), configure);
    }

    /// <summary>Keeps answers in Redis, where all processes with the same Redis and prefix find them, over a connection of the client's own. Calls in Full look there.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configuration">As StackExchange.Redis reads it, such as <c>redis1:6379,password=…</c>. The connection opens in the background when the client is built, and is closed with it.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The builder.</returns>
    /// <remarks>While Redis is away, slow or full, calls go on without it.</remarks>
    /// <exception cref="HarborException">The configuration cannot be read, or an option is out of its bounds (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseRedisCache(this HarborBuilder builder, string configuration, Action<RedisCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        RedisConnection.Read(configuration, nameof(UseRedisCache));
        RedisCacheOptions options = Configured(configure);
        return builder.UseCacheLevel(() => new RedisCacheLevel(configuration, options));
    }

    /// <summary>Keeps answers in Redis, where all processes with the same Redis and prefix find them, over a connection that is there. Calls in Full look there.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">Stays the caller's: it is not disposed, and has to live as long as the client.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The builder.</returns>
    /// <remarks>While Redis is away, slow or full, calls go on without it.</remarks>
    /// <exception cref="HarborException">An option is out of its bounds (<see cref="ErrorKind.Configuration"/>).</exception>
    public static HarborBuilder UseRedisCache(this HarborBuilder builder, IConnectionMultiplexer connection, Action<RedisCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        RedisCacheOptions options = Configured(configure);
        return builder.UseCacheLevel(() => new RedisCacheLevel(connection, options));
    }

    private static RedisCacheOptions Configured(Action<RedisCacheOptions>? configure)
    {
        var options = new RedisCacheOptions();
        configure?.Invoke(options);
        return options.Validated();
    }
}
