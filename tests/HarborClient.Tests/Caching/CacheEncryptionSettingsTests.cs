using HarborClient.Caching;
using static HarborClient.Tests.Caching.Seals;

namespace HarborClient.Tests.Caching;

public sealed class CacheEncryptionSettingsTests
{
    [Fact]
    public void Without_keys_nothing_is_encrypted()
    {
        using PayloadSeal seal = new HarborBuilder().CreatePayloadSeal();
        using PayloadSeal plain = Plain();

        plain.Open(EntryKey, seal.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
    }

    [Fact]
    public void The_first_key_seals_and_further_ones_open()
    {
        using PayloadSeal seal = new HarborBuilder().UseCacheEncryption("key-2", Bytes(2)).UseCacheEncryption("key-1", Bytes(1)).CreatePayloadSeal();
        using PayloadSeal first = With(1), second = With(2);

        second.Open(EntryKey, seal.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
        seal.Open(EntryKey, first.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
    }

    [Fact]
    public void A_key_is_copied_and_changing_it_afterwards_changes_nothing()
    {
        byte[] key = Bytes(1);
        HarborBuilder builder = new HarborBuilder().UseCacheEncryption("key-1", key);
        Array.Clear(key);

        using PayloadSeal seal = builder.CreatePayloadSeal(), same = With(1);

        same.Open(EntryKey, seal.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
    }

    [Fact]
    public void The_end_of_one_client_leaves_the_keys_of_another_alone()
    {
        HarborBuilder builder = new HarborBuilder().UseCacheEncryption("key-1", Bytes(1));
        PayloadSeal ended = builder.CreatePayloadSeal();
        ended.Dispose();

        using PayloadSeal seal = builder.CreatePayloadSeal(), same = With(1);

        same.Open(EntryKey, seal.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_length_is_refused(int bytes)
    {
        Action use = () => new HarborBuilder().UseCacheEncryption("2026-11", new byte[bytes]);

        use.Should().Throw<HarborException>().WithMessage($"The key '2026-11' of UseCacheEncryption must have 32 bytes (it has {bytes}).").Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("has space")]
    [InlineData("schlüssel")]
    [InlineData("line\n")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void A_key_id_that_is_not_up_to_64_visible_ASCII_characters_is_refused_and_not_shown(string id)
    {
        Action use = () => new HarborBuilder().UseCacheEncryption(id, Bytes(1));

        use.Should().Throw<HarborException>().WithMessage($"The key id of UseCacheEncryption must be 1 to 64 visible ASCII characters (it has {id.Length}).");
    }

    [Fact]
    public void A_key_id_of_64_characters_is_taken()
    {
        string id = new('k', 64);
        using PayloadSeal seal = new HarborBuilder().UseCacheEncryption(id, Bytes(1)).CreatePayloadSeal();

        seal.Open(EntryKey, seal.Seal(EntryKey, Prose(100))).Should().Equal(Prose(100));
    }

    [Fact]
    public void Two_keys_of_one_id_are_refused()
    {
        Action use = () => new HarborBuilder().UseCacheEncryption("a", Bytes(1)).UseCacheEncryption("a", Bytes(2));

        use.Should().Throw<HarborException>().WithMessage("The key id 'a' is given to UseCacheEncryption twice. Give every key an id of its own.");
    }
}
