using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>Keys that are read from a source by name, and read again now and then: who changes one there changes it here. Thread-safe.</summary>
internal sealed class SecretKeys(string provider, ISecretSource source, string[] names, TimeProvider time)
{
    /// <summary>How long a key that was read is used without being read again.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long one is that the host does not accept: it may have been changed at its source, and a source is not to be asked for every call.</summary>
    private static readonly TimeSpan ReadRefusedEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long one is used while its source cannot be read.</summary>
    private static readonly TimeSpan UsedFor = TimeSpan.FromMinutes(15);

    private readonly Entry?[] _known = new Entry?[names.Length];

    internal int Count => names.Length;

    internal async ValueTask<string> GetAsync(int index, CancellationToken cancellationToken)
    {
        Entry? known = Volatile.Read(ref _known[index]);
        if (known is not null && time.GetElapsedTime(known.ReadAt) < (known.IsRefused ? ReadRefusedEvery : ReadEvery)) return known.Key;
        string? key;
        try
        {
            key = await source.GetAsync(names[index], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (known is not null && time.GetElapsedTime(known.ReadAt) < UsedFor) return known.Key;
            throw new HarborException(ErrorKind.Authentication, $"The key '{ErrorFactory.Quote(names[index])}' of '{provider}' could not be read from its source (UseSecrets): {e.GetType().Name}.", e);
        }

        if (string.IsNullOrWhiteSpace(key)) throw new HarborException(ErrorKind.Authentication, $"The source of '{provider}' (UseSecrets) has no key '{ErrorFactory.Quote(names[index])}'.");
        Volatile.Write(ref _known[index], new Entry(key, time.GetTimestamp()));
        return key;
    }

    /// <summary>The host does not accept the key.</summary>
    internal void Refused(int index)
    {
        if (Volatile.Read(ref _known[index]) is { } known) known.IsRefused = true;
    }

    // Not a record: it would show the key.
    private sealed class Entry(string key, long readAt)
    {
        internal string Key => key;

        internal long ReadAt => readAt;

        internal volatile bool IsRefused;
    }
}
