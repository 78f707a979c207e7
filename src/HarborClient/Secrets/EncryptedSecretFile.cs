using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HarborClient.Errors;

namespace HarborClient;

/// <summary>
/// A file of secrets. Each is sealed with AES-256-GCM under one key-encryption key, with a nonce of its own and bound to its name: one that is changed, or put under another
/// name, is refused. Thread-safe; several processes may read it, one at a time should write.
/// </summary>
public sealed class EncryptedSecretFile : ISecretSource
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Thousands of keys; a file beyond this is something else.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly string _path;
    private readonly byte[] _key;

    // Held while the file is written: writes of one process come one after another.
    private readonly Lock _writing = new();

    internal EncryptedSecretFile(string path, ReadOnlySpan<byte> keyEncryptionKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (keyEncryptionKey.Length != KeyBytes) throw ErrorFactory.Setting(ErrorKind.Configuration, $"A key-encryption key has {KeyBytes} random bytes (was {keyEncryptionKey.Length}).");
        _path = Path.GetFullPath(path);
        _key = keyEncryptionKey.ToArray();
    }

    /// <inheritdoc/>
    /// <exception cref="HarborException">The file is malformed, or the secret was sealed with another key or changed (<see cref="ErrorKind.Configuration"/>).</exception>
    public async ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Exists()) return null;
        return Read(await File.ReadAllBytesAsync(_path, cancellationToken).ConfigureAwait(false)).TryGetValue(name, out string? text) ? Open(name, text) : null;
    }

    /// <summary>Seals a secret and writes it into the file, which is made if there is none. The file is replaced as a whole: a crash leaves the old one or the new one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="secret">The secret; <see langword="null"/> removes it.</param>
    public void Set(string name, string? secret)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (_writing)
        {
            Dictionary<string, string> secrets = Exists() ? Read(File.ReadAllBytes(_path)) : [];
            if (secret is null) secrets.Remove(name);
            else secrets[name] = Seal(name, secret);
            string beside = $"{_path}.{Guid.NewGuid():N}";
            try
            {
                File.WriteAllBytes(beside, Write(secrets));
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.Move(beside, _path, overwrite: true);
            }
            finally
            {
                File.Delete(beside);
            }
        }
    }

    /// <summary>Says which file it is, and nothing of what is in it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{nameof(EncryptedSecretFile)} {_path}";

    private bool Exists()
    {
        var file = new FileInfo(_path);
        if (file is { Exists: true, Length: > MaxBytes }) throw Malformed($"is larger than {MaxBytes:N0} bytes");
        return file.Exists;
    }

    private Dictionary<string, string> Read(byte[] bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.EnumerateObject().ToDictionary(secret => secret.Name, secret => secret.Value.GetString() ?? "", StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Malformed("is no JSON object of texts, each name once", e);
        }
    }

    private static byte[] Write(Dictionary<string, string> secrets)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach ((string name, string text) in secrets.OrderBy(secret => secret.Key, StringComparer.Ordinal)) json.WriteString(name, text);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private string Seal(string name, string secret)
    {
        byte[] plain = Encoding.UTF8.GetBytes(secret);
        byte[] whole = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(whole.AsSpan(0, NonceBytes), plain, whole.AsSpan(NonceBytes + TagBytes), whole.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(name));
        CryptographicOperations.ZeroMemory(plain);
        return Convert.ToBase64String(whole);
    }

    private string Open(string name, string text)
    {
        try
        {
            byte[] whole = Convert.FromBase64String(text);
            if (whole.Length < NonceBytes + TagBytes) throw new CryptographicException("too short");
            byte[] plain = new byte[whole.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(whole.AsSpan(0, NonceBytes), whole.AsSpan(NonceBytes + TagBytes), whole.AsSpan(NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(name));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The secret '{ErrorFactory.Quote(name)}' of {_path} cannot be opened: it was sealed with another key-encryption key, under another name, or changed.", e);
        }
    }

    private HarborException Malformed(string what, Exception? cause = null) => ErrorFactory.Setting(ErrorKind.Configuration, $"The file of secrets {_path} {what}.", cause);
}
