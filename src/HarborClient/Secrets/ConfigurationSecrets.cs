using Microsoft.Extensions.Configuration;

namespace HarborClient.Secrets;

/// <summary>Values of a configuration.</summary>
internal sealed class ConfigurationSecrets(IConfiguration configuration) : ISecretSource
{
    public ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default) => new(configuration[name]);
}
