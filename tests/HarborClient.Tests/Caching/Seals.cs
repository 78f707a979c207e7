using System.Text;
using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

internal static class Seals
{
    public const string EntryKey = "chat:openai/gpt-5-mini:Zm9v";

    public static PayloadSeal Plain() => new([]);

    // The number of a key is also what it is made of.
    public static PayloadSeal With(params int[] keys) => new([.. keys.Select(key => new SealingKey($"key-{key}", Bytes(key)))]);

    public static byte[] Bytes(int key) => [.. Enumerable.Range(0, SealingKey.KeyBytes).Select(i => (byte)(key * 31 + i))];

    // Prose, as answers are: it compresses to a quarter or so.
    public static byte[] Prose(int bytes)
    {
        string[] words = ["harbour", "the", "ship", "comes", "in", "with", "answers", "and", "leaves", "before", "night"];
        var random = new Random(bytes);
        var text = new StringBuilder();
        while (text.Length < bytes) text.Append(words[random.Next(words.Length)]).Append(' ');
        return Encoding.UTF8.GetBytes(text.ToString(0, bytes));
    }

    public static byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(bytes).NextBytes(noise);
        return noise;
    }
}
