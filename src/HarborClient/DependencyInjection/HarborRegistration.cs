using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HarborClient.DependencyInjection;

/// <summary>Puts clients into containers.</summary>
internal static class HarborRegistration
{
    internal static IServiceCollection Add(IServiceCollection services, object? key, Action<IServiceProvider, HarborBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddKeyedSingleton(key ?? Unkeyed.Instance, new HarborSetup(configure));
        if (key is null)
        {
            services.TryAddSingleton(provider => Create(provider, Unkeyed.Instance));
            services.TryAddSingleton<IChatClient>(provider => provider.GetRequiredService<FastClient>());
            services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(provider => provider.GetRequiredService<FastClient>());
        }
        else
        {
            services.TryAddKeyedSingleton(key, (provider, _) => Create(provider, key));
            services.TryAddKeyedSingleton<IChatClient>(key, (provider, _) => provider.GetRequiredKeyedService<FastClient>(key));
            services.TryAddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(key, (provider, _) => provider.GetRequiredKeyedService<FastClient>(key));
        }

        ValidateAtStart(services, key);
        return services;
    }

    private static FastClient Create(IServiceProvider provider, object key) => FastClient.Create(builder =>
    {
        if (provider.GetService<ILoggerFactory>() is { } loggers) builder.UseLoggerFactory(loggers);
        if (provider.GetService<TimeProvider>() is { } time) builder.UseTimeProvider(time);
        builder.UseServices(provider);
        foreach (HarborSetup setup in provider.GetKeyedServices<HarborSetup>(key)) setup.Configure(provider, builder);
    });

    /// <summary>A host asks every options validator when it starts; this one builds the client, so that a wrong setting stops the start and not the first call.</summary>
    private static void ValidateAtStart(IServiceCollection services, object? key) =>
        services.AddOptions<HarborStartup>(key?.ToString())
            .Validate<IServiceProvider>((_, provider) => (key is null ? provider.GetRequiredService<FastClient>() : provider.GetRequiredKeyedService<FastClient>(key)) is not null)
            .ValidateOnStart();

    /// <summary>The key of the client that has none.</summary>
    private sealed class Unkeyed
    {
        internal static readonly Unkeyed Instance = new();
    }

    private sealed record HarborSetup(Action<IServiceProvider, HarborBuilder> Configure);

    /// <summary>Nothing but a handle for validation at start.</summary>
    private sealed class HarborStartup;
}
