using System.Globalization;
using System.Text;

namespace HarborClient.Tests.Robustness;

// Spoils recorded bytes the way broken hosts, proxies and attackers do. The same seed spoils the same bytes in the same way.
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] Alien =
    [
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0x00], "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), "\uFEFF"u8.ToArray(), "\r"u8.ToArray(), "\n\n"u8.ToArray(),
        "data: "u8.ToArray(), "event: error\n"u8.ToArray(), "[DONE]"u8.ToArray(), "null"u8.ToArray(), "{}"u8.ToArray(), "[]"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "NaN"u8.ToArray(), "true"u8.ToArray(),
    ];

    private static readonly string[] Numbers = ["-1", "0", "99999999999999999999999999", "1e400", "-1e400", "0.1", "1E-999", "9223372036854775808", "2147483648", "-2147483649", "\"7\"", "null", "1e2"];

    private readonly Random _random = new(seed);

    public byte[] Mutate(byte[] original)
    {
        byte[] body = original;
        for (int rounds = 1 + _random.Next(3); rounds > 0; rounds--) body = Once(body);
        return body;
    }

    private byte[] Once(byte[] body) => _random.Next(11) switch
    {
        0 or 1 => FlipBits(body),
        2 => Delete(body, 1 + _random.Next(8)),
        3 => Delete(body, 1 + _random.Next(Math.Max(1, body.Length))),
        4 => DuplicateEvent(body),
        5 => SwapEvents(body),
        6 => DeleteEvent(body),
        7 => Nest(body),
        8 => ReplaceNumber(body),
        9 => Insert(body, _random.Next(body.Length + 1), Alien[_random.Next(Alien.Length)]),
        _ => ReplaceValue(body),
    };

    private byte[] FlipBits(byte[] body)
    {
        byte[] flipped = [.. body];
        for (int i = 1 + _random.Next(4); i > 0 && flipped.Length > 0; i--) flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }

    private byte[] Delete(byte[] body, int count)
    {
        int start = _random.Next(body.Length + 1);
        count = Math.Min(count, body.Length - start);
        return [.. body.AsSpan(0, start), .. body.AsSpan(start + count)];
    }

    private byte[] DuplicateEvent(byte[] body)
    {
        (int start, int length) = Event(body);
        byte[] copy = body.AsSpan(start, length).ToArray();
        for (int i = _random.Next(12) == 0 ? 200 : 1; i > 0; i--) body = Insert(body, start, copy);
        return body;
    }

    private byte[] SwapEvents(byte[] body)
    {
        (int start, int length) = Event(body);
        byte[] moved = body.AsSpan(start, length).ToArray();
        body = [.. body.AsSpan(0, start), .. body.AsSpan(start + length)];
        return Insert(body, Event(body).Start, moved);
    }

    private byte[] DeleteEvent(byte[] body)
    {
        (int start, int length) = Event(body);
        return [.. body.AsSpan(0, start), .. body.AsSpan(start + length)];
    }

    // A value that is nested far deeper than any reader goes, or just a little.
    private byte[] Nest(byte[] body)
    {
        int depth = _random.Next(3) switch { 0 => 3, 1 => 63, _ => 5000 };
        int colon = At(body, ':');
        string open = _random.Next(2) == 0 ? string.Concat(Enumerable.Repeat("[", depth)) : string.Concat(Enumerable.Repeat("{\"a\":", depth));
        string close = _random.Next(2) == 0 ? "" : new string(open[0] == '[' ? ']' : '}', depth) + ",";
        return Insert(body, Math.Min(colon + 1, body.Length), Encoding.ASCII.GetBytes(open + "1" + close));
    }

    private byte[] ReplaceNumber(byte[] body)
    {
        int start = _random.Next(body.Length + 1);
        while (start < body.Length && !char.IsAsciiDigit((char)body[start])) start++;
        int end = start;
        while (end < body.Length && char.IsAsciiDigit((char)body[end])) end++;
        string number = _random.Next(4) == 0 ? new string('9', 400) : Numbers[_random.Next(Numbers.Length)];
        return [.. body.AsSpan(0, start), .. Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), .. body.AsSpan(end)];
    }

    // What stands between a colon and the next comma or brace becomes something of another kind.
    private byte[] ReplaceValue(byte[] body)
    {
        int colon = At(body, ':');
        int length = colon < body.Length ? body.AsSpan(colon + 1).IndexOfAny((byte)',', (byte)'}') : -1;
        if (length < 0) return FlipBits(body);
        return [.. body.AsSpan(0, colon + 1), .. Alien[_random.Next(Alien.Length)], .. body.AsSpan(colon + 1 + length)];
    }

    private static byte[] Insert(byte[] body, int at, byte[] what) => [.. body.AsSpan(0, at), .. what, .. body.AsSpan(at)];

    private int At(byte[] body, char wanted)
    {
        int start = _random.Next(body.Length + 1);
        int found = body.AsSpan(start).IndexOf((byte)wanted);
        return found < 0 ? Math.Max(0, body.Length - 1) : start + found;
    }

    // A line of the body, its end included.
    private (int Start, int Length) Event(byte[] body)
    {
        int middle = _random.Next(body.Length + 1);
        int start = body.AsSpan(0, middle).LastIndexOf((byte)'\n') + 1;
        int length = body.AsSpan(start).IndexOf((byte)'\n') + 1;
        return (start, length == 0 ? body.Length - start : length);
    }
}
