using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

/// <summary>The hash of requests, of which two that are different must never share one.</summary>
public sealed class KeyHashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(3077)]
    public void Every_bit_of_a_text_is_in_its_hash(int length)
    {
        byte[] text = Text(length);
        var hashes = new HashSet<CacheKey> { KeyHash.Of(text) };
        for (int bit = 0; bit < 8 * length; bit++)
        {
            text[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(hashes.Add(KeyHash.Of(text)), $"bit {bit}");
            text[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Texts_that_differ_in_how_many_zeros_they_end_with_have_different_hashes()
    {
        CacheKey[] hashes = [.. Enumerable.Range(0, 4100).Select(length => KeyHash.Of(new byte[length]))];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Blocks_and_steps_that_change_places_change_the_hash()
    {
        byte[] text = Text(4096);
        byte[] blocks = [.. text[1024..2048], .. text[..1024], .. text[2048..]];
        byte[] steps = [.. text[32..64], .. text[..32], .. text[64..]];
        byte[] words = [.. text[4..8], .. text[..4], .. text[8..]];

        Assert.Equal(4, new[] { text, blocks, steps, words }.Select(one => KeyHash.Of(one)).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(5000)]
    public void A_text_that_comes_in_pieces_has_the_hash_of_the_whole(int pieceBytes)
    {
        byte[] text = Text(20_000);
        var hash = new KeyHash();
        byte[] left = [];
        for (int at = 0; at < text.Length; at += pieceBytes)
        {
            left = [.. left, .. text.AsSpan(at, Math.Min(pieceBytes, text.Length - at))];
            left = left[hash.Append(left)..];
        }

        Assert.Equal(KeyHash.Of(text), hash.With(left));
    }

    private static byte[] Text(int length)
    {
        var text = new byte[length];
        new Random(length).NextBytes(text);
        return text;
    }
}
