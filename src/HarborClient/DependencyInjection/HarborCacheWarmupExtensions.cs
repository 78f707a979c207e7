using HarborClient.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HarborClient;

/// <summary>Registers an <see cref="IHostedService"/> that warms a client's cache up when the host starts.</summary>
public static class HarborCacheWarmupExtensions
{
    /// <summary>Warms the cache of a registered client up when the host starts, and ends what is scheduled when it stops.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Says what to have.</param>
    /// <param name="serviceKey">The client's key; <see langword="null"/> for the one without.</param>
    /// <returns>The container.</returns>
    /// <remarks>
    /// A request that fails is logged, and stops neither the others nor the host; a setting that cannot be stops the start. When the host stops, a warm-up that is not over is cancelled, and
    /// scheduled refreshes that are under way are waited for as long as the host allows. Several calls add up.
    /// </remarks>
    public static IServiceCollection AddHarborCacheWarmup(this IServiceCollection services, Action<CacheWarmupOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddHarborCacheWarmup((_, options) => configure(options), serviceKey);
    }

    /// <inheritdoc cref="AddHarborCacheWarmup(IServiceCollection, Action{CacheWarmupOptions}, object)"/>
    /// <param name="services">The container.</param>
    /// <param name="configure">Says what to have, by means of other services.</param>
    /// <param name="serviceKey">The client's key; <see langword="null"/> for the one without.</param>
    public static IServiceCollection AddHarborCacheWarmup(this IServiceCollection services, Action<IServiceProvider, CacheWarmupOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddSingleton<IHostedService>(provider => new CacheWarmupService(
            serviceKey is null ? provider.GetRequiredService<FastClient>() : provider.GetRequiredKeyedService<FastClient>(serviceKey),
            options => configure(provider, options),
            (provider.GetService<ILoggerFactory>() ?? Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance).CreateLogger("HarborClient")));
    }
}
