using System.Buffers;
using Microsoft.Extensions.AI;

namespace HarborClient.Caching;

/// <summary>
/// Chat answers as bytes, for the levels below this process's memory. The fields stand in a fixed order behind a version; no type is named in the bytes, so they can become nothing but an
/// answer. A change of the fields needs a new version, which older clients take for a miss, as these do with what they cannot read.
/// </summary>
internal static class AnswerCodec
{
    private const byte Version = 1;
    private const int HeadBytes = 256;

    /// <summary>Two lengths.</summary>
    private const int LeastPropertyBytes = 2;

    /// <summary>Whether the format has a place for everything that an answer has; one with more stays in memory.</summary>
    internal static bool CanWrite(StoredAnswer answer) => answer.Runs.All(RunCodec.CanWrite);

    internal static byte[] Write(StoredAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>(HeadBytes + answer.Runs.Sum(run => run.Utf8.Length));
        var writer = new FieldWriter(output);
        writer.Byte(Version);
        writer.Text(answer.Provider);
        writer.Text(answer.TargetModel);
        writer.OptionalText(answer.Model);
        WriteTime(answer.CreatedAt, writer);
        writer.OptionalText(answer.FinishReason);
        writer.Flag(answer.Usage is not null);
        if (answer.Usage is { } usage) UsageCodec.Write(usage, writer);
        writer.Count(answer.Properties.Count);
        foreach ((string name, string value) in answer.Properties)
        {
            writer.Text(name);
            writer.Text(value);
        }

        writer.Count(answer.Runs.Length);
        foreach (StoredRun run in answer.Runs) RunCodec.Write(run, writer);
        return output.WrittenSpan.ToArray();
    }

    /// <returns>Null where the bytes are no answer, or one of a later version.</returns>
    internal static StoredAnswer? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new FieldReader(bytes);
        if (reader.Byte() != Version) return null;
        var answer = new StoredAnswer
        {
            Provider = reader.Text(),
            TargetModel = reader.Text(),
            Model = reader.OptionalText(),
            CreatedAt = ReadTime(ref reader),
            FinishReason = reader.OptionalText(),
            Usage = reader.Flag() ? UsageCodec.Read(ref reader) : null,
            Properties = ReadProperties(ref reader),
            Runs = ReadRuns(ref reader),
        };
        return reader.IsWhole ? answer : null;
    }

    private static KeyValuePair<string, string>[] ReadProperties(ref FieldReader reader)
    {
        var properties = new KeyValuePair<string, string>[reader.Count(LeastPropertyBytes)];
        for (int i = 0; i < properties.Length; i++) properties[i] = KeyValuePair.Create(reader.Text(), reader.Text());
        return properties;
    }

    private static StoredRun[] ReadRuns(ref FieldReader reader)
    {
        var runs = new StoredRun[reader.Count(RunCodec.LeastBytes)];
        for (int i = 0; i < runs.Length; i++) runs[i] = RunCodec.Read(ref reader);
        return runs;
    }

    private static void WriteTime(DateTimeOffset? time, FieldWriter writer)
    {
        writer.Flag(time.HasValue);
        if (time is not { } given) return;
        writer.Number(given.UtcTicks);
        writer.Number(given.TotalOffsetMinutes);
    }

    private static DateTimeOffset? ReadTime(ref FieldReader reader)
    {
        if (!reader.Flag()) return null;
        long utcTicks = reader.Number();
        long minutes = reader.Number();
        if (utcTicks >= 0 && utcTicks <= DateTime.MaxValue.Ticks && minutes is >= -14 * 60 and <= 14 * 60)
        {
            // Near both ends of the calendar the local time may lie outside.
            long localTicks = utcTicks + (minutes * TimeSpan.TicksPerMinute);
            if (localTicks >= 0 && localTicks <= DateTime.MaxValue.Ticks) return new DateTimeOffset(localTicks, TimeSpan.FromMinutes(minutes));
        }

        reader.Fail();
        return null;
    }
}
