using System.Buffers;
using System.Buffers.Binary;

namespace HarborClient.Caching;

/// <summary>Embeddings as bytes, for the levels below this process's memory: a version, the model, and the numbers as they are.</summary>
internal static class VectorCodec
{
    private const byte Version = 1;

    internal static byte[] Write(StoredVector vector)
    {
        var output = new ArrayBufferWriter<byte>(64 + (sizeof(float) * vector.Values.Length));
        var writer = new FieldWriter(output);
        writer.Byte(Version);
        writer.OptionalText(vector.Model);
        writer.Count(vector.Values.Length);
        foreach (float value in vector.Values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(sizeof(float)), value);
            output.Advance(sizeof(float));
        }

        return output.WrittenSpan.ToArray();
    }

    /// <returns>Null where the bytes are no vector, or one of a later version.</returns>
    internal static StoredVector? Read(ReadOnlySpan<byte> bytes, CacheLevel level)
    {
        var reader = new FieldReader(bytes);
        if (reader.Byte() != Version) return null;
        string? model = reader.OptionalText();
        int count = reader.Count(sizeof(float));
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> value = reader.Fixed(sizeof(float));
            if (reader.HasFailed) return null;
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(value);
        }

        return reader.IsWhole && count > 0 ? new StoredVector(values, model, level) : null;
    }
}
