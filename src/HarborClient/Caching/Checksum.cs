using System.Buffers.Binary;
using System.Numerics;

namespace HarborClient.Caching;

/// <summary>CRC-32C, an instruction of the processor where it has one. It finds what went wrong by chance, and is no protection against those who mean it.</summary>
internal static class Checksum
{
    internal static uint Of(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => ~Add(Add(uint.MaxValue, one), other);

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte rest in bytes) sum = BitOperations.Crc32C(sum, rest);
        return sum;
    }
}
