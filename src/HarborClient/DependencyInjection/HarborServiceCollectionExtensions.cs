using HarborClient.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HarborClient;

/// <summary>
/// Registers a <see cref="FastClient"/> with a container: as itself, as <see cref="IChatClient"/> and as
/// <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, all the same singleton.
/// </summary>
/// <remarks>
/// Several calls for the same client add up, in order. Logging and time come from the container unless they are set. A host validates the settings when it
/// starts; without a host they are validated when the client is first asked for.
/// </remarks>
public static class HarborServiceCollectionExtensions
{
    /// <summary>Adds a client configured in code.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Adds providers and settings.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddHarborAI(this IServiceCollection services, Action<HarborBuilder> configure) =>
        HarborRegistration.Add(services, null, FromCode(configure));

    /// <summary>Adds a client configured in code that needs other services.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Adds providers and settings.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddHarborAI(this IServiceCollection services, Action<IServiceProvider, HarborBuilder> configure) =>
        HarborRegistration.Add(services, null, Checked(configure));

    /// <summary>Adds a client configured by a section such as <c>{ Mode, DefaultModel, OpenAI: { Keys: [] }, Local: { lab: { Endpoint } }, Models: { chat: [ … ] } }</c>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="section">The section; an unknown key in it is an error.</param>
    /// <param name="configure">Adds what configuration cannot say.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddHarborAI(this IServiceCollection services, IConfiguration section, Action<HarborBuilder>? configure = null) =>
        HarborRegistration.Add(services, null, FromSection(section, configure));

    /// <summary>Adds a client under a key.</summary>
    /// <param name="services">The container.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configure">Adds providers and settings.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddKeyedHarborAI(this IServiceCollection services, object serviceKey, Action<HarborBuilder> configure) =>
        HarborRegistration.Add(services, CheckedKey(serviceKey), FromCode(configure));

    /// <summary>Adds a client under a key that needs other services.</summary>
    /// <param name="services">The container.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configure">Adds providers and settings.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddKeyedHarborAI(this IServiceCollection services, object serviceKey, Action<IServiceProvider, HarborBuilder> configure) =>
        HarborRegistration.Add(services, CheckedKey(serviceKey), Checked(configure));

    /// <summary>Adds a client under a key, configured by a section.</summary>
    /// <param name="services">The container.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="section">The section; an unknown key in it is an error.</param>
    /// <param name="configure">Adds what configuration cannot say.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddKeyedHarborAI(this IServiceCollection services, object serviceKey, IConfiguration section, Action<HarborBuilder>? configure = null) =>
        HarborRegistration.Add(services, CheckedKey(serviceKey), FromSection(section, configure));

    private static Action<IServiceProvider, HarborBuilder> FromCode(Action<HarborBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return (_, builder) => configure(builder);
    }

    private static Action<IServiceProvider, HarborBuilder> FromSection(IConfiguration section, Action<HarborBuilder>? configure)
    {
        ArgumentNullException.ThrowIfNull(section);
        return (_, builder) =>
        {
            HarborConfiguration.Apply(section, builder);
            configure?.Invoke(builder);
        };
    }

    private static Action<IServiceProvider, HarborBuilder> Checked(Action<IServiceProvider, HarborBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return configure;
    }

    private static object CheckedKey(object serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return serviceKey;
    }
}
