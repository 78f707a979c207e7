using HarborClient.Errors;

namespace HarborClient.Secrets;

/// <summary>Files of one secret each.</summary>
internal sealed class FolderSecrets(string folder) : ISecretSource
{
    /// <summary>A key is a line; a file beyond this is something else.</summary>
    private const int MaxBytes = 16 << 10;

    public async ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        // A name is a file's, not a way out of the folder.
        if (name.Length == 0 || name != Path.GetFileName(name) || name is "." or "..") throw ErrorFactory.Setting(ErrorKind.Configuration, $"'{ErrorFactory.Quote(name)}' is not the name of a file of secrets.");
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists) return null;
        if (file.Length > MaxBytes) throw ErrorFactory.Setting(ErrorKind.Configuration, $"The file of the secret '{ErrorFactory.Quote(name)}' is larger than {MaxBytes:N0} bytes.");
        return (await File.ReadAllTextAsync(file.FullName, cancellationToken).ConfigureAwait(false)).Trim();
    }
}
