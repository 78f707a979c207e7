using System.Buffers.Binary;
using System.IO.Compression;
using HarborClient.Caching;
using static HarborClient.Tests.Caching.Seals;

namespace HarborClient.Tests.Caching;

// What a shared cache gives back may be anything; whatever it is, it is a miss.
public sealed class PayloadSealGarbageTests
{
    public static TheoryData<bool, int> Samples => new() { { false, 200 }, { false, 1_500 }, { true, 200 }, { true, 1_500 } };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_truncation_every_change_of_one_bit_and_bytes_behind_the_end_are_a_miss(bool isEncrypted, int size)
    {
        using PayloadSeal seal = isEncrypted ? With(1, 2) : Plain();
        byte[] sealedBytes = seal.Seal(EntryKey, Prose(size));

        for (int length = 0; length < sealedBytes.Length; length++) seal.Open(EntryKey, sealedBytes.AsSpan(0, length)).Should().BeNull();
        for (int bit = 0; bit < sealedBytes.Length * 8; bit++)
        {
            byte[] spoilt = [.. sealedBytes];
            spoilt[bit / 8] ^= (byte)(1 << (bit % 8));
            seal.Open(EntryKey, spoilt).Should().BeNull();
        }

        seal.Open(EntryKey, [.. sealedBytes, 0]).Should().BeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ten_thousand_random_inputs_are_misses(bool isEncrypted)
    {
        using PayloadSeal seal = isEncrypted ? With(1) : Plain();
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (bytes.Length > 2 && i % 4 != 0) (bytes[0], bytes[1]) = (1, (byte)random.Next(4));
            if (bytes.Length > 8 && i % 4 == 3) "\u0005key-1"u8.CopyTo(bytes.AsSpan(2));
            seal.Open(EntryKey, bytes).Should().BeNull();
        }
    }

    [Fact]
    public void A_later_version_or_something_that_is_not_known_yet_is_a_miss()
    {
        using PayloadSeal seal = Plain();
        byte[] sealedBytes = seal.Seal(EntryKey, Prose(200));

        seal.Open(EntryKey, [2, .. sealedBytes[1..]]).Should().BeNull();
        seal.Open(EntryKey, Enclosed(flags: 4, Prose(200))).Should().BeNull();
        seal.Open(EntryKey, Enclosed(flags: 0, Prose(200))).Should().Equal(Prose(200), "that is how this test encloses");
    }

    [Fact]
    public void What_decompresses_to_more_or_less_than_it_says_is_a_miss_and_takes_no_more_memory_than_it_says()
    {
        using PayloadSeal seal = Plain();
        byte[] bomb = Compressed(new byte[100_000_000]);
        bomb.Length.Should().BeLessThan(1_000);

        foreach ((uint length, byte[] body) in new (uint, byte[])[] { (2_000, bomb), (64 << 20, bomb), (100_000_000, bomb), (uint.MaxValue, bomb), (5_000, Compressed(Prose(4_000))), (3_999, Compressed(Prose(4_000))), (60_000_000, Noise(2_000)) })
        {
            byte[] sealedBytes = Enclosed(flags: 1, [.. Little(length), .. body]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            seal.Open(EntryKey, sealedBytes).Should().BeNull("{0} bytes were announced", length);

            // Doubled again and again, up to what was announced.
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(Math.Min(length, 64 << 20) * 3L + 200_000);
        }

        seal.Open(EntryKey, Enclosed(flags: 1, [.. Little(4_000), .. Compressed(Prose(4_000))])).Should().Equal(Prose(4_000), "that is how this test encloses");
        seal.Open(EntryKey, Enclosed(flags: 1, [1, 2, 3])).Should().BeNull();
    }

    [Fact]
    public void An_announced_length_that_the_bytes_do_not_back_up_takes_no_memory()
    {
        using PayloadSeal seal = Plain();
        byte[] sealedBytes = Enclosed(flags: 1, [.. Little(60_000_000), .. Compressed(Prose(4_000))]);

        long before = GC.GetAllocatedBytesForCurrentThread();
        seal.Open(EntryKey, sealedBytes).Should().BeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100_000);
    }

    [Fact]
    public void What_compresses_extremely_well_is_still_opened()
    {
        using PayloadSeal seal = Plain();
        var payload = new byte[10_000_000];

        byte[] sealedBytes = seal.Seal(EntryKey, payload);

        sealedBytes.Length.Should().BeLessThan(10_000);
        seal.Open(EntryKey, sealedBytes)!.AsSpan().SequenceEqual(payload).Should().BeTrue();
    }

    private static byte[] Little(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Compressed(byte[] payload)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(payload.Length)];
        BrotliEncoder.TryCompress(payload, buffer, out int written, 5, 22).Should().BeTrue();
        return buffer[..written];
    }

    // An envelope without keys, with the sum that fits: what somebody writes who knows the format.
    private static byte[] Enclosed(byte flags, byte[] body)
    {
        byte[] bound = [1, flags, 0, .. System.Text.Encoding.UTF8.GetBytes(EntryKey)];
        return [1, flags, .. Little(Checksum.Of(bound, body)), .. body];
    }
}
