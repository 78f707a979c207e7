namespace HarborClient.Secrets;

/// <summary>Variables of the environment.</summary>
internal sealed class EnvironmentSecrets : ISecretSource
{
    public ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default) => new(Environment.GetEnvironmentVariable(name));
}
