using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>Where the key of a request comes from. Asked before every request, so that it can rotate. Which one is sent, the route decides. Thread-safe.</summary>
internal sealed class CredentialSource
{
    private readonly string _provider;
    private readonly string[] _keys;
    private readonly Func<CancellationToken, ValueTask<string>>? _credential;
    private readonly SecretKeys? _secrets;

    internal CredentialSource(string provider, IEnumerable<string> keys, Func<CancellationToken, ValueTask<string>>? credential, SecretKeys? secrets)
    {
        _secrets = secrets;
        _provider = provider;
        _credential = credential;
        _keys = [.. keys];
        foreach (string key in _keys) Check(key, ErrorKind.Configuration);
    }

    /// <summary>Whether code of the user's is asked, which is given a token that it may keep.</summary>
    internal bool AsksOthers => _credential is not null || _secrets is not null;

    internal bool HasKey => AsksOthers || _keys.Length > 0;

    /// <summary>How many there are to choose from; a function of the user's chooses itself and counts as one.</summary>
    internal int Count => _credential is not null ? 1 : _secrets?.Count ?? _keys.Length;

    /// <summary>The key at this place.</summary>
    internal ValueTask<string> GetKeyAsync(int index, CancellationToken cancellationToken) =>
        _credential is not null ? AskAsync(_credential, cancellationToken)
        : _secrets is not null ? ReadAsync(_secrets, index, cancellationToken)
        : new ValueTask<string>(_keys[index]);

    /// <summary>The host does not accept the key at this place.</summary>
    internal void Refused(int index)
    {
        if (_credential is null) _secrets?.Refused(index);
    }

    private async ValueTask<string> ReadAsync(SecretKeys secrets, int index, CancellationToken cancellationToken)
    {
        string key = await secrets.GetAsync(index, cancellationToken).ConfigureAwait(false);
        Check(key, ErrorKind.Authentication);
        return key;
    }

    private async ValueTask<string> AskAsync(Func<CancellationToken, ValueTask<string>> credential, CancellationToken cancellationToken)
    {
        string? key;
        try
        {
            // A function that ignores its token must not hold up the call's clocks.
            Task<string> asked = credential(cancellationToken).AsTask();
            _ = asked.ContinueWith(
                static late => _ = late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            key = await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new HarborException(ErrorKind.Authentication, $"The credential function of '{_provider}' (UseCredential) threw {e.GetType().Name}.", e);
        }

        Check(key, ErrorKind.Authentication);
        return key;
    }

    /// <summary>A key is one line of visible ASCII: anything else could smuggle in a header. The value is never quoted.</summary>
    private void Check(string? key, ErrorKind kind)
    {
        if (string.IsNullOrWhiteSpace(key)) throw ErrorFactory.Setting(kind, $"The key of '{_provider}' is empty. Set Keys, or return one from UseCredential or UseSecrets.");
        foreach (char c in key)
        {
            if (c is > ' ' and <= '~') continue;
            throw ErrorFactory.Setting(
                kind,
                $"The key of '{_provider}' contains a character that no key has (a space, a line break or a non-ASCII letter). Check Keys, or what UseCredential or UseSecrets returns.");
        }
    }
}
