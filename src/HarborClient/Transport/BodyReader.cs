using System.Runtime.CompilerServices;
using HarborClient.Errors;
using HarborClient.Pools;

namespace HarborClient.Transport;

/// <summary>Reads whole bodies, bounded.</summary>
internal static class BodyReader
{
    /// <summary>A declared length is believed up to here; a longer body grows the buffer as it comes.</summary>
    private const int MaxTrustedLength = 1 << 20;

    /// <summary>Reads a body to its end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal static async ValueTask ReadAllAsync(Stream stream, PooledBuffer into, long? declaredLength, long maxBytes, CancellationToken cancellationToken)
    {
        // One byte more than declared, so that the read that finds the end needs no larger array.
        if (declaredLength is { } length) into.EnsureFree((int)Math.Min(length, MaxTrustedLength) + 1);
        while (true)
        {
            into.EnsureFree(1);
            int count = await stream.ReadAsync(into.Free, cancellationToken).ConfigureAwait(false);
            if (count == 0) return;
            into.Advance(count);
            if (into.Length > maxBytes) throw ErrorFactory.AnswerTooLarge(maxBytes);
        }
    }

    /// <summary>Reads the beginning of a body, at most <paramref name="maxBytes"/> of it.</summary>
    internal static async ValueTask ReadStartAsync(Stream stream, PooledBuffer into, int maxBytes, CancellationToken cancellationToken)
    {
        while (into.Length < maxBytes)
        {
            into.EnsureFree(1);
            int room = Math.Min(into.Free.Length, maxBytes - into.Length);
            int count = await stream.ReadAsync(into.Free[..room], cancellationToken).ConfigureAwait(false);
            if (count == 0) return;
            into.Advance(count);
        }
    }
}
