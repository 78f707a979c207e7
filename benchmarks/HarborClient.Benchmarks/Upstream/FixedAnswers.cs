namespace HarborClient.Benchmarks.Upstream;

/// <summary>The bodies that one dialect's requests are answered with, made once.</summary>
internal sealed class FixedAnswers
{
    private readonly byte[][][] _streams;

    private FixedAnswers(byte[] plain, Func<StreamKind, byte[][]> stream)
    {
        Plain = plain;
        _streams = [.. Enum.GetValues<StreamKind>().Select(kind => Writes(stream(kind)))];
    }

    internal static FixedAnswers OpenAI { get; } = new(ChatWire.Answer(), ChatWire.Stream);

    internal static FixedAnswers Claude { get; } = new(ClaudeWire.Answer(), ClaudeWire.Stream);

    internal byte[] Plain { get; }

    /// <summary>A stream as the writes it is sent in: 1 to 3 events each.</summary>
    internal byte[][] StreamOf(StreamKind kind) => _streams[(int)kind];

    private static byte[][] Writes(byte[][] events)
    {
        var random = new Random(2);
        var writes = new List<byte[]>();
        for (int i = 0; i < events.Length;)
        {
            int count = Math.Min(random.Next(1, 4), events.Length - i);
            writes.Add([.. events[i..(i + count)].SelectMany(one => one)]);
            i += count;
        }

        return [.. writes];
    }
}
