using System.Buffers;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Audio and text tokens are for evaluation in the abstractions; what a provider reports is kept all the same.

namespace HarborClient.Caching;

/// <summary>Token counts as fields. A part of <see cref="AnswerCodec"/>'s format.</summary>
internal static class UsageCodec
{
    private const int LeastBytesOfCount = 2;

    // Each thread's own, kept for the next time.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    internal static byte[] Pack(UsageDetails usage)
    {
        ArrayBufferWriter<byte> scratch = _scratch ??= new ArrayBufferWriter<byte>(64);
        scratch.ResetWrittenCount();
        Write(usage, new FieldWriter(scratch));
        return scratch.WrittenSpan.ToArray();
    }

    internal static UsageDetails Unpack(byte[] packed)
    {
        var reader = new FieldReader(packed);
        return Read(ref reader);
    }

    internal static void Write(UsageDetails usage, FieldWriter writer)
    {
        writer.OptionalNumber(usage.InputTokenCount);
        writer.OptionalNumber(usage.OutputTokenCount);
        writer.OptionalNumber(usage.TotalTokenCount);
        writer.OptionalNumber(usage.CachedInputTokenCount);
        writer.OptionalNumber(usage.ReasoningTokenCount);
        writer.OptionalNumber(usage.InputAudioTokenCount);
        writer.OptionalNumber(usage.InputTextTokenCount);
        writer.OptionalNumber(usage.OutputAudioTokenCount);
        writer.OptionalNumber(usage.OutputTextTokenCount);
        writer.Flag(usage.AdditionalCounts is not null);
        if (usage.AdditionalCounts is not { } counts) return;
        writer.Count(counts.Count);
        foreach ((string name, long count) in counts)
        {
            writer.Text(name);
            writer.Number(count);
        }
    }

    internal static UsageDetails Read(ref FieldReader reader) => new()
    {
        InputTokenCount = reader.OptionalNumber(),
        OutputTokenCount = reader.OptionalNumber(),
        TotalTokenCount = reader.OptionalNumber(),
        CachedInputTokenCount = reader.OptionalNumber(),
        ReasoningTokenCount = reader.OptionalNumber(),
        InputAudioTokenCount = reader.OptionalNumber(),
        InputTextTokenCount = reader.OptionalNumber(),
        OutputAudioTokenCount = reader.OptionalNumber(),
        OutputTextTokenCount = reader.OptionalNumber(),
        AdditionalCounts = reader.Flag() ? ReadCounts(ref reader) : null,
    };

    private static AdditionalPropertiesDictionary<long> ReadCounts(ref FieldReader reader)
    {
        var counts = new AdditionalPropertiesDictionary<long>();
        for (int left = reader.Count(LeastBytesOfCount); left > 0; left--) counts[reader.Text()] = reader.Number();
        return counts;
    }
}
