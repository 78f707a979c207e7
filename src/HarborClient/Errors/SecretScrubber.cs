using System.Buffers;
using System.Globalization;
using System.Text;

namespace HarborClient.Errors;

/// <summary>
/// Takes keys and pieces of the request out of what a provider, a proxy or a handler wrote about an error: some quote both, and messages end up in logs.
/// Texts are compared by their letters and digits alone, after JSON escapes were undone, so that line breaks, quotation marks and escaping on either side
/// do not hide a quotation.
/// </summary>
internal sealed class SecretScrubber
{
    /// <summary>Letters and digits in a row that make a quotation of the request; shorter ones are ordinary words.</summary>
    private const int RequestRun = 24;

    /// <summary>A run of a key's characters that is taken for the key: no word is as long and as odd.</summary>
    private const int KeyRun = 12;

    /// <summary>A whole message of the caller's that is shorter than this is a common word, and taking it out would only spoil the error.</summary>
    private const int ShortestMessage = 8;

    /// <summary>How much of the request is looked at, besides the bulk of its images; its texts are among the messages, whatever their length.</summary>
    private const int MaxRequestBytes = 1 << 20;

    /// <summary>How much of an image's data is looked at in a longer request; what follows the data may be secret too.</summary>
    private const int MaxDataRun = 4 << 10;

    /// <summary>Base64 of both alphabets, with the backslashes of its escapes.</summary>
    private static readonly SearchValues<byte> DataBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    private const string Removed = "[…]";

    private readonly List<(string Text, int Run)> _secrets = [];
    private readonly string _known;

    /// <summary>Collects what must not be shown.</summary>
    /// <param name="keys">Keys and other header values.</param>
    /// <param name="messages">The caller's texts, one by one, for those that are too short to make a run.</param>
    /// <param name="request">The request as it was sent.</param>
    /// <param name="known">What may be shown although the request has it: the model's name.</param>
    internal SecretScrubber(IEnumerable<string> keys, IEnumerable<string> messages, ReadOnlySequence<byte> request, string known)
    {
        _known = Letters(known);
        foreach (string key in keys) Add(Letters(key), KeyRun, ShortestMessage);
        foreach (string message in messages) Add(Letters(message), RequestRun, ShortestMessage);
        Add(Letters(Unescaped(Readable(request))), RequestRun, RequestRun);
    }

    /// <summary>An exception that can be shown: itself, or one of its kind with a clean message where it or a cause of it says too much.</summary>
    internal Exception Clean(Exception error)
    {
        bool isClean = true;
        for (Exception? cause = error; cause is not null && isClean; cause = cause.InnerException) isClean = ReferenceEquals(Scrub(cause.Message), cause.Message);
        if (isClean) return error;
        return error is HttpRequestException http
            ? new HttpRequestException(http.HttpRequestError, Scrub(http.Message))
            : new IOException($"{error.GetType().Name}: {Scrub(error.Message)}");
    }

    /// <summary>The text without anything secret; the same instance when there was nothing.</summary>
    internal string Scrub(string text)
    {
        if (text.Length == 0) return text;
        string plain = Unescaped(text);
        string letters = Letters(plain);
        bool[]? marked = null;
        foreach ((string secret, int run) in _secrets) Mark(letters, secret, run, ref marked);
        return marked is null ? text : Without(plain, Places(plain), marked);
    }

    /// <summary>The request up to the limit; of a longer one without the bulk of long data, so that arguments and results behind an image are seen.</summary>
    private static string Readable(in ReadOnlySequence<byte> request)
    {
        if (request.Length <= MaxRequestBytes) return Encoding.UTF8.GetString(request);
        var kept = new ArrayBufferWriter<byte>(MaxRequestBytes);
        int run = 0;
        foreach (ReadOnlyMemory<byte> piece in request)
        {
            KeepReadable(piece.Span, kept, ref run);
            if (kept.WrittenCount >= MaxRequestBytes) break;
        }

        return Encoding.UTF8.GetString(kept.WrittenSpan);
    }

    /// <summary>The same for one piece of the request.</summary>
    /// <param name="piece">What comes next.</param>
    /// <param name="kept">Where to.</param>
    /// <param name="run">How long the data is that the piece before ended with.</param>
    private static void KeepReadable(ReadOnlySpan<byte> piece, ArrayBufferWriter<byte> kept, ref int run)
    {
        while (!piece.IsEmpty && kept.WrittenCount < MaxRequestBytes)
        {
            int stop = piece.IndexOfAnyExcept(DataBytes);
            int length = stop < 0 ? piece.Length : stop + 1;
            int room = Math.Max(0, MaxDataRun - run);
            kept.Write(piece[..Math.Min(length, room)]);
            if (length > room && room > 0) kept.Write(" "u8);
            run = stop < 0 ? Math.Min(run + length, MaxDataRun) : 0;
            piece = piece[length..];
        }
    }

    private void Add(string letters, int run, int shortest)
    {
        if (letters.Length >= shortest) _secrets.Add((letters, Math.Min(run, letters.Length)));
    }

    private void Mark(string letters, string secret, int run, ref bool[]? marked)
    {
        for (int at = 0; at + run <= letters.Length; at++)
        {
            ReadOnlySpan<char> probe = letters.AsSpan(at, run);
            int found = secret.AsSpan().IndexOf(probe, StringComparison.Ordinal);
            if (found < 0 || _known.AsSpan().Contains(probe, StringComparison.Ordinal)) continue;
            int length = run;
            while (at + length < letters.Length && found + length < secret.Length && letters[at + length] == secret[found + length]) length++;
            marked ??= new bool[letters.Length];
            marked.AsSpan(at, length).Fill(true);
            at += length - run;
        }
    }

    private static string Without(string plain, List<int> places, bool[] marked)
    {
        var kept = new StringBuilder();
        int copied = 0;
        for (int i = 0; i < marked.Length; i++)
        {
            if (!marked[i]) continue;
            int last = i;
            while (last + 1 < marked.Length && marked[last + 1]) last++;
            kept.Append(plain, copied, places[i] - copied).Append(Removed);
            copied = places[last] + 1;
            i = last;
        }

        return kept.Append(plain, copied, plain.Length - copied).ToString();
    }

    /// <summary>The letters and digits of a text, without their case: proxies change it.</summary>
    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c)) letters.Append(char.ToLowerInvariant(c));
        }

        return letters.ToString();
    }

    /// <summary>Where each of them stands.</summary>
    private static List<int> Places(string text)
    {
        var places = new List<int>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsLetterOrDigit(text[i])) places.Add(i);
        }

        return places;
    }

    /// <summary>Undoes JSON escapes, also those of JSON within JSON, by turning every escape into its character and dropping the backslashes before it.</summary>
    private static string Unescaped(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            while (i + 1 < text.Length && text[i + 1] == '\\') i++;
            if (i + 1 >= text.Length) break;
            i++;
            if (text[i] == 'u' && i + 4 < text.Length && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit))
            {
                plain.Append((char)unit);
                i += 4;
            }
            else
            {
                plain.Append(text[i] is 'n' or 'r' or 't' or 'b' or 'f' ? ' ' : text[i]);
            }
        }

        return plain.ToString();
    }
}
