namespace HarborClient;

/// <summary>Where keys are kept: an environment, a file, a vault. <see cref="SecretSources"/> has those that need no package.</summary>
/// <remarks>Thread-safe. What it returns is a secret: it never logs it, and no exception of its quotes it.</remarks>
public interface ISecretSource
{
    /// <summary>Finds a secret.</summary>
    /// <param name="name">Its name there.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The secret as it is now; <see langword="null"/> where there is none of that name.</returns>
    ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default);
}
