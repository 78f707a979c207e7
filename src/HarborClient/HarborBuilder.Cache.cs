using HarborClient.Errors;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <content>What is kept of answers, and where.</content>
public sealed partial class HarborBuilder
{
    private readonly MemoryCacheOptions _memoryCache = new();
    private readonly CacheOptions _cache = new();
    private readonly List<Func<TimeProvider, ILoggerFactory, ICacheLevel>> _cacheLevels = [];

    /// <summary>Sets how much of the process's memory keeps answers, and for how long. It is on without this, in Balanced and Full.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseMemoryCache(Action<MemoryCacheOptions>? configure = null) => With(() => configure?.Invoke(_memoryCache));

    /// <summary>Sets which answers are kept, at all levels.</summary>
    /// <param name="configure">Changes the options; those of several calls add up.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCache(Action<CacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return With(() => configure(_cache));
    }

    /// <summary>Adds a place that keeps answers below the process's memory; calls in Full look there, in the order in which they were added.</summary>
    /// <param name="create">Makes it when the client is built; the client disposes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCacheLevel(Func<ICacheLevel> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return UseCacheLevel((_, _) => create());
    }

    /// <summary>Adds a place that keeps answers by the client's clock or writes to its log (<see cref="UseTimeProvider"/>, <see cref="UseLoggerFactory"/>).</summary>
    /// <param name="create">Makes it of both when the client is built; the client disposes it.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseCacheLevel(Func<TimeProvider, ILoggerFactory, ICacheLevel> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return With(() => _cacheLevels.Add(create));
    }

    private List<ICacheLevel> CreateCacheLevels() =>
        [.. _cacheLevels.Select(create => create(_time, _loggers) ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "A function given to UseCacheLevel returned null instead of a level."))];
}
