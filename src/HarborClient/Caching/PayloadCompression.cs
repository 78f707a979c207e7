using System.Buffers;
using System.IO.Compression;

namespace HarborClient.Caching;

/// <summary>Brotli at its fastest, for payloads where it pays.</summary>
internal static class PayloadCompression
{
    /// <summary>Up to here it costs more time than the bytes do.</summary>
    internal const int LeastBytes = 1024;

    /// <summary>More is neither compressed nor decompressed.</summary>
    internal const int MostBytes = 64 << 20;

    /// <summary>It has to save an eighth, or reading it later is not worth the work.</summary>
    private const int LeastSaving = 8;
    private const int Quality = 1;
    private const int WindowBits = 18;

    /// <summary>How much larger than its bytes a payload may be for all its memory to be taken at once; texts compress to a third or a sixth.</summary>
    private const int LikelyRatio = 16;

    /// <returns>How many bytes of the destination are written; zero where it does not pay.</returns>
    internal static int Compress(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        if (payload.Length is <= LeastBytes or > MostBytes) return 0;
        int most = Math.Min(destination.Length, MostCompressed(payload.Length));
        return BrotliEncoder.TryCompress(payload, destination[..most], out int written, Quality, WindowBits) ? written : 0;
    }

    internal static int MostCompressed(int payloadBytes) => payloadBytes - (payloadBytes / LeastSaving);

    /// <summary>Takes memory as the bytes come out, and never more than they should be.</summary>
    /// <returns>Null where the bytes are not those of a payload of this length.</returns>
    internal static byte[]? Decompress(ReadOnlySpan<byte> compressed, uint length)
    {
        if (length is <= LeastBytes or > MostBytes) return null;
        var payload = new byte[Math.Min(length, (long)compressed.Length * LikelyRatio)];
        int written = 0;
        using var decoder = default(BrotliDecoder);
        while (true)
        {
            OperationStatus status = decoder.Decompress(compressed, payload.AsSpan(written), out int consumed, out int produced);
            compressed = compressed[consumed..];
            written += produced;
            if (status == OperationStatus.Done) return written == length && compressed.IsEmpty ? payload : null;
            if (status != OperationStatus.DestinationTooSmall || payload.Length == length) return null;
            Array.Resize(ref payload, (int)Math.Min(length, payload.Length * 2L));
        }
    }
}
