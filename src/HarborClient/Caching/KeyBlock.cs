using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace HarborClient.Caching;

// Hot path: all bytes of every cached call's request.

/// <summary>
/// Makes 24 bytes of up to 1,024, for <see cref="KeyHash"/>: NH of UMAC (Black et al., CRYPTO 1999), three times with keys that are shifted against each other. Words of the text and of the
/// key are added, neighbours multiplied, and the products summed up: eight bytes in a multiplication, and all of it in vectors. Two different texts of one length share all 24 bytes with a
/// chance of at most 2^-96.
/// </summary>
internal readonly struct KeyBlock
{
    internal const int Bytes = 1024;

    private const int StepBytes = 32;
    private const int Lanes = 3;

    /// <summary>One step for each of the text, and one more for each further lane, whose key begins a step later.</summary>
    private static readonly Vector256<uint>[] Keys = Draw(new Vector256<uint>[(Bytes / StepBytes) + Lanes - 1]);

    private KeyBlock(ulong first, ulong second, ulong third) => (First, Second, Third) = (first, second, third);

    internal ulong First { get; }

    internal ulong Second { get; }

    internal ulong Third { get; }

    /// <summary>What is missing at the end counts as zeros: who compares blocks of different lengths has to tell these apart.</summary>
    internal static KeyBlock Of(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<Vector256<uint>> steps = MemoryMarshal.Cast<byte, Vector256<uint>>(text);
        ReadOnlySpan<byte> rest = text[(steps.Length * StepBytes)..];
        if (rest.IsEmpty) return Of(steps, default, hasLast: false);
        Vector256<uint> last = default;
        rest.CopyTo(MemoryMarshal.AsBytes(new Span<Vector256<uint>>(ref last)));
        return Of(steps, last, hasLast: true);
    }

    /// <summary>Nothing is called in the loop, or all vectors would go to memory and back at every step.</summary>
    private static KeyBlock Of(ReadOnlySpan<Vector256<uint>> steps, Vector256<uint> last, bool hasLast)
    {
        Vector256<ulong> first = default, second = default, third = default;
        Vector256<uint>[] keys = Keys;
        Vector256<uint> one = keys[0], two = keys[1];
        for (int step = 0; step < steps.Length; step++)
        {
            Vector256<uint> words = steps[step], three = keys[step + 2];
            first += Products(words + one);
            second += Products(words + two);
            third += Products(words + three);
            (one, two) = (two, three);
        }

        if (hasLast)
        {
            first += Products(last + one);
            second += Products(last + two);
            third += Products(last + keys[steps.Length + 2]);
        }

        return new KeyBlock(Vector256.Sum(first), Vector256.Sum(second), Vector256.Sum(third));
    }

    /// <summary>Every word times its neighbour.</summary>
    private static Vector256<ulong> Products(Vector256<uint> words)
    {
        Vector256<ulong> others = words.AsUInt64() >>> 32;
        return Avx2.IsSupported ? Avx2.Multiply(words, others.AsUInt32()) : (words.AsUInt64() & Vector256.Create<ulong>(uint.MaxValue)) * others;
    }

    private static Vector256<uint>[] Draw(Vector256<uint>[] keys)
    {
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(keys.AsSpan()));
        return keys;
    }
}
