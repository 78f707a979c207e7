using HarborClient.Secrets;
using Microsoft.Extensions.Configuration;

namespace HarborClient;

/// <summary>Places where keys are kept, for <see cref="ProviderOptions.UseSecrets"/>. Each is read anew every time, so that a key that is changed there is changed here.</summary>
public static class SecretSources
{
    /// <summary>Variables of the process's environment.</summary>
    /// <returns>The source.</returns>
    public static ISecretSource Environment() => new EnvironmentSecrets();

    /// <summary>Files of one secret each, named as it is, as container platforms mount them. White space around a secret does not belong to it.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <returns>The source.</returns>
    public static ISecretSource Folder(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new FolderSecrets(Path.GetFullPath(folder));
    }

    /// <summary>A configuration, such as one with user secrets. A name may have ':' in it.</summary>
    /// <param name="configuration">Stays the caller's.</param>
    /// <returns>The source.</returns>
    public static ISecretSource Configuration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new ConfigurationSecrets(configuration);
    }

    /// <summary>A file of secrets, each sealed with AES-256-GCM under a key-encryption key that is kept elsewhere.</summary>
    /// <param name="path">The file; <see cref="EncryptedSecretFile.Set"/> of the result writes to it.</param>
    /// <param name="keyEncryptionKey">32 random bytes; copied.</param>
    /// <returns>The source.</returns>
    public static EncryptedSecretFile EncryptedFile(string path, ReadOnlySpan<byte> keyEncryptionKey) => new(path, keyEncryptionKey);
}
