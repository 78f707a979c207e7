using System.Diagnostics;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>What the client says of itself to whoever asks through Microsoft.Extensions.AI.</content>
public sealed partial class FastClient
{
    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ChatClientMetadata)) return new ChatClientMetadata(MetadataName(), MetadataUri(), _defaultModel);
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return new EmbeddingGeneratorMetadata(MetadataName(), MetadataUri(), _defaultEmbeddingModel);
        if (serviceType == typeof(ActivitySource)) return HarborActivity.Source;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Asks for a service of this client: itself, its metadata, or its <see cref="ActivitySource"/>.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <param name="serviceKey">Services have no keys; any key finds nothing.</param>
    /// <returns>The service, or <see langword="null"/>.</returns>
    public T? GetService<T>(object? serviceKey = null) => GetService(typeof(T), serviceKey) is T service ? service : default;

    /// <summary>Asks for a service that has to be there.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <param name="serviceKey">Services have no keys; any key finds nothing.</param>
    /// <returns>The service.</returns>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T GetRequiredService<T>(object? serviceKey = null) =>
        GetService<T>(serviceKey) ?? throw new InvalidOperationException($"FastClient offers no service of type {typeof(T)}.");

    private string MetadataName() => _providers.Count == 1 ? _providers.Values.First().TelemetryName : "harbor";

    private Uri? MetadataUri() => _providers.Count == 1 ? _providers.Values.First().Endpoint : null;
}
