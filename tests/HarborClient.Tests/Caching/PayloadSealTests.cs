using System.Security.Cryptography;
using HarborClient.Caching;
using static HarborClient.Tests.Caching.Seals;

namespace HarborClient.Tests.Caching;

public sealed class PayloadSealTests
{
    private static readonly int[] Sizes = [0, 1, 100, 1024, 1025, 3_000, 70_000, 1_000_000];

    public static TheoryData<bool> WithAndWithoutKeys => [false, true];

    [Theory]
    [MemberData(nameof(WithAndWithoutKeys))]
    public void A_payload_of_any_size_comes_back_as_it_was(bool isEncrypted)
    {
        using PayloadSeal seal = isEncrypted ? With(1) : Plain();

        foreach (byte[] payload in Sizes.SelectMany(size => new[] { Prose(size), Noise(size), new byte[size] }))
            seal.Open(EntryKey, seal.Seal(EntryKey, payload)).Should().Equal(payload);
    }

    [Fact]
    public void A_payload_of_more_than_a_kilobyte_is_compressed_where_it_pays()
    {
        using PayloadSeal seal = Plain();

        foreach (int size in new[] { 1025, 3_000, 70_000 }) seal.Seal(EntryKey, Prose(size)).Length.Should().BeLessThan(size / 2);
        seal.Seal(EntryKey, Prose(1024)).Length.Should().BeGreaterThan(1024, "it is short");
        seal.Seal(EntryKey, Noise(3_000)).Length.Should().Be(3_000 + 6, "it does not pay, and costs nothing later");
        byte[] saysLittle = [.. Noise(2_700), .. new byte[300]];
        seal.Seal(EntryKey, saysLittle).Length.Should().Be(3_000 + 6, "a tenth saved is less than an eighth");
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutKeys))]
    public void An_entry_that_was_moved_under_another_key_is_a_miss(bool isEncrypted)
    {
        using PayloadSeal seal = isEncrypted ? With(1) : Plain();
        byte[] sealedBytes = seal.Seal(EntryKey, Prose(500));

        seal.Open(EntryKey + "x", sealedBytes).Should().BeNull();
        seal.Open("", sealedBytes).Should().BeNull();
    }

    [Fact]
    public void The_first_key_seals_and_all_open()
    {
        using PayloadSeal old = With(1), both = With(1, 2), turned = With(2, 1), young = With(2);
        byte[] payload = Prose(3_000);
        byte[] byOld = old.Seal(EntryKey, payload), byBoth = both.Seal(EntryKey, payload), byTurned = turned.Seal(EntryKey, payload);

        both.Open(EntryKey, byOld).Should().Equal(payload);
        old.Open(EntryKey, byBoth).Should().Equal(payload, "the second key only opens");
        turned.Open(EntryKey, byOld).Should().Equal(payload);
        both.Open(EntryKey, byTurned).Should().Equal(payload);
        young.Open(EntryKey, byTurned).Should().Equal(payload);
        young.Open(EntryKey, byOld).Should().BeNull("its key is gone");
        old.Open(EntryKey, byTurned).Should().BeNull("it does not know the key");
    }

    [Fact]
    public void Another_key_under_the_same_id_is_a_miss()
    {
        using PayloadSeal one = With(1);
        using var other = new PayloadSeal([new SealingKey("key-1", Bytes(2))]);

        other.Open(EntryKey, one.Seal(EntryKey, Prose(500))).Should().BeNull();
    }

    [Fact]
    public void With_keys_what_is_not_encrypted_is_a_miss_and_the_other_way_about()
    {
        using PayloadSeal plain = Plain(), encrypted = With(1);

        encrypted.Open(EntryKey, plain.Seal(EntryKey, Prose(500))).Should().BeNull("anybody could have written it");
        plain.Open(EntryKey, encrypted.Seal(EntryKey, Prose(500))).Should().BeNull();
    }

    [Fact]
    public void Sealed_bytes_show_nothing_of_the_payload_and_no_two_are_alike()
    {
        using PayloadSeal seal = With(1);
        byte[] secret = RandomNumberGenerator.GetBytes(16);
        byte[] payload = [.. secret, .. Prose(800), .. secret, .. new byte[100]];

        byte[] one = seal.Seal(EntryKey, payload), other = seal.Seal(EntryKey, payload);

        for (int at = 0; at <= secret.Length - 4; at++) one.AsSpan().IndexOf(secret.AsSpan(at, 4)).Should().Be(-1);
        one.AsSpan().IndexOf("harbour"u8).Should().Be(-1);
        one.AsSpan().IndexOf(Bytes(1).AsSpan(0, 8)).Should().Be(-1, "the key is not in it");
        one[^payload.Length..].Zip(other[^payload.Length..]).Count(pair => pair.First == pair.Second).Should().BeLessThan(30, "another nonce gives other bytes");
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutKeys))]
    public async Task Many_threads_seal_and_open_at_once(bool isEncrypted)
    {
        using PayloadSeal seal = isEncrypted ? With(1, 2) : Plain();
        byte[][] payloads = [.. Enumerable.Range(0, 64).Select(i => Prose(50 + (i * 97)))];

        int[] faults = await Task.WhenAll(Enumerable.Range(0, 24).Select(thread => Task.Run(() =>
        {
            int wrong = 0;
            for (int i = 0; i < 400; i++)
            {
                byte[] payload = payloads[(i + thread) % payloads.Length];
                string key = $"{EntryKey}{i % 7}";
                byte[]? opened = seal.Open(key, seal.Seal(key, payload));
                if (opened is null || !opened.AsSpan().SequenceEqual(payload)) wrong++;
            }

            return wrong;
        })));

        faults.Should().AllBeEquivalentTo(0);
    }

    [Fact]
    public void After_its_end_a_seal_still_seals_with_its_key()
    {
        // A write behind a call may be late. It must not fall back to something weaker.
        PayloadSeal ended = With(1);
        ended.Dispose();
        using PayloadSeal seal = With(1);

        seal.Open(EntryKey, ended.Seal(EntryKey, Prose(500))).Should().Equal(Prose(500));
    }
}
