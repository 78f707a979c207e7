using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using HarborClient.Errors;

namespace HarborClient.Caching;

/// <summary>A value of a user's function: where it is kept, for how long, and how it is made. Immutable.</summary>
internal abstract class OwnEntry
{
    /// <summary>What the keys of users' own values begin with in the levels below the memory.</summary>
    internal const string Space = "own:";

    /// <summary>Levels take keys of 600 characters; what is longer than this is no name.</summary>
    private const int MostKeyCharacters = 400;

    private const int MostTagCharacters = 200;

    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(365);

    private protected OwnEntry(string key, TimeSpan? ttl, IEnumerable<string>? tags)
    {
        if (ttl <= TimeSpan.Zero || ttl > LongestTtl) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The ttl of an own value must be more than zero and at most {LongestTtl.TotalDays:0} days (was {ttl}).");
        Key = KeyOf(key);
        Name = Space + key;
        Ttl = ttl;
        Tags = tags is null ? [] : [.. tags];
        foreach (string tag in Tags)
        {
            if (string.IsNullOrEmpty(tag) || tag.Length > MostTagCharacters) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"A tag of an own value must have 1 to {MostTagCharacters} characters (one has {tag?.Length ?? 0}).");
        }
    }

    /// <summary>In memory.</summary>
    internal CacheKey Key { get; }

    /// <summary>In the levels below.</summary>
    internal string Name { get; }

    internal TimeSpan? Ttl { get; }

    internal IReadOnlyList<string> Tags { get; }

    /// <summary>What the value is. Functions of one key and different types do not share their runs: none could read what the other made.</summary>
    internal abstract Type Type { get; }

    /// <summary>Runs the function.</summary>
    /// <returns>Its value as JSON.</returns>
    internal abstract ValueTask<byte[]> MakeAsync(CancellationToken cancellationToken);

    /// <summary>Whether kept bytes are a value of this type.</summary>
    internal abstract bool CanRead(byte[] json);

    /// <summary>The same, kept for this long if nothing else is said.</summary>
    internal abstract OwnEntry WithTtl(TimeSpan ttl);

    /// <summary>The key in memory. A request's begins with a version, which is never 0.</summary>
    internal static CacheKey KeyOf(string key)
    {
        ReadOnlySpan<byte> characters = MemoryMarshal.AsBytes(key.AsSpan());
        return KeyHash.Of([0, .. characters]);
    }

    /// <summary>A key that all levels can keep apart from all others, and that people can read in their tools.</summary>
    internal static void CheckKey([NotNull] string? key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ReadOnlySpan<char> characters = key;
        if (characters.Length is > 0 and <= MostKeyCharacters && !characters.ContainsAnyInRange('\0', '\u001f') && !characters.ContainsAnyInRange('\u007f', '\u009f') && IsWellFormed(characters)) return;
        throw ErrorFactory.Setting(
            ErrorKind.InvalidRequest,
            $"The key of an own value must have 1 to {MostKeyCharacters} characters, none of them a control character or half of a surrogate pair (it has {key.Length}). Where it is made of long texts, hash those.");
    }

    /// <summary>Halves of pairs all become the same character on their way to a level.</summary>
    private static bool IsWellFormed(ReadOnlySpan<char> characters)
    {
        for (int at; (at = characters.IndexOfAnyInRange('\ud800', '\udfff')) >= 0; characters = characters[(at + 2)..])
        {
            if (at + 1 == characters.Length || !char.IsSurrogatePair(characters[at], characters[at + 1])) return false;
        }

        return true;
    }
}
