using System.IO.Compression;

namespace HarborClient.Testing.Engine;

// From events to the writes of a body: grouping, delays, compression, splits and what breaks it off.
internal static class BodyShaper
{
    // Small enough to show how much of a padded body was read.
    private const int PaddingPiece = 4096;

    private static readonly byte[] Padding = [.. Enumerable.Repeat((byte)' ', PaddingPiece)];

    // The last action is the one that ends the body.
    public static (IReadOnlyList<WireAction> Actions, bool IsCut) Shape(ReplySettings reply, IReadOnlyList<WireEvent> events)
    {
        (List<WireAction> actions, bool isCut) = FromEvents(reply, events);
        if (reply.IsGzip) actions = Compress(actions);
        if (reply.ChunkBytes > 0 || reply.SplitOffsets.Count > 0) actions = Split(actions, reply);
        StreamFault? breakAt = reply.IsGzipTruncated ? new StreamFault(StreamFaultKind.Cut, LengthOf(actions) / 2) : reply.AtByte;
        if (breakAt is not { } fault || (fault.Kind == StreamFaultKind.Cut && fault.Position >= LengthOf(actions))) return (actions, isCut);
        return (BreakAt(actions, fault), fault.Kind == StreamFaultKind.Cut);
    }

    private static (List<WireAction> Actions, bool IsCut) FromEvents(ReplySettings reply, IReadOnlyList<WireEvent> events)
    {
        var actions = new List<WireAction>();
        var group = new List<WireEvent>();
        int updates = 0;
        foreach (WireEvent wireEvent in events)
        {
            if (wireEvent.Kind != WireEventKind.Opening && reply.AfterUpdates?.Position == updates) break;
            group.Add(wireEvent);
            updates += wireEvent.Kind == WireEventKind.Update ? 1 : 0;
            bool isPauseDue = wireEvent.Kind == WireEventKind.Update && reply.Pause?.AfterUpdates == updates;
            if (group.Count == reply.UpdatesPerWrite || isPauseDue) Flush(actions, group, updates, reply.DelayBetweenUpdates);
            if (isPauseDue) actions.Add(WireAction.Delay(reply.Pause!.Value.Time));
        }

        Flush(actions, group, updates, reply.DelayBetweenUpdates);
        if (reply.Pause is { } pause && pause.AfterUpdates > updates) actions.Add(WireAction.Delay(pause.Time));
        Pad(actions, reply.PaddingBytes);

        // A reply with fewer updates than the fault names breaks at its end.
        actions.Add(reply.AfterUpdates is { } fault ? LastAction(fault.Kind) : reply.IsSilentAtEnd ? WireAction.Silence : WireAction.End);
        return (actions, reply.AfterUpdates?.Kind == StreamFaultKind.Cut);
    }

    private static void Flush(List<WireAction> actions, List<WireEvent> group, int updatesSoFar, TimeSpan delayBetween)
    {
        if (group.Count == 0) return;
        int updatesInGroup = group.Count(wireEvent => wireEvent.Kind == WireEventKind.Update);
        bool isLaterUpdate = updatesInGroup > 0 && updatesSoFar > updatesInGroup;
        if (isLaterUpdate && delayBetween > TimeSpan.Zero) actions.Add(WireAction.Delay(delayBetween));
        AddWrite(actions, Join(group.Select(wireEvent => wireEvent.Bytes)));
        group.Clear();
    }

    // All pieces are the same bytes, so a body of any length costs no memory to speak of.
    private static void Pad(List<WireAction> actions, long bytes)
    {
        for (; bytes > 0; bytes -= PaddingPiece) AddWrite(actions, Padding.AsMemory(0, (int)Math.Min(bytes, PaddingPiece)));
    }

    // Flushed after every write, so that the client can unpack each as it comes.
    private static List<WireAction> Compress(List<WireAction> actions)
    {
        var result = new List<WireAction>(actions.Count + 1);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (WireAction action in actions.SkipLast(1))
            {
                if (action.Kind == WireActionKind.Write)
                {
                    gzip.Write(action.Bytes.Span);
                    gzip.Flush();
                    AddWrite(result, TakeAll(packed));
                }
                else
                {
                    result.Add(action);
                }
            }
        }

        if (actions[^1].Kind == WireActionKind.End) AddWrite(result, TakeAll(packed));
        result.Add(actions[^1]);
        return result;
    }

    // The given boundaries replace those of the events; a delay stays where it was in the bytes.
    private static List<WireAction> Split(List<WireAction> actions, ReplySettings reply)
    {
        var result = new List<WireAction>();
        var run = new List<ReadOnlyMemory<byte>>();
        int offset = 0;
        foreach (WireAction action in actions)
        {
            if (action.Kind == WireActionKind.Write)
            {
                run.Add(action.Bytes);
                continue;
            }

            offset = SplitRun(result, Join(run), offset, reply);
            run.Clear();
            result.Add(action);
        }

        return result;
    }

    private static int SplitRun(List<WireAction> result, ReadOnlyMemory<byte> bytes, int offset, ReplySettings reply)
    {
        int end = offset + bytes.Length;
        while (offset < end)
        {
            int next = reply.ChunkBytes > 0
                ? ((offset / reply.ChunkBytes) + 1) * reply.ChunkBytes
                : reply.SplitOffsets.Where(split => split > offset).DefaultIfEmpty(end).First();
            int length = Math.Min(next, end) - offset;
            if (offset > 0 && reply.DelayBetweenWrites > TimeSpan.Zero) result.Add(WireAction.Delay(reply.DelayBetweenWrites));
            AddWrite(result, bytes[..length]);
            bytes = bytes[length..];
            offset += length;
        }

        return end;
    }

    private static List<WireAction> BreakAt(List<WireAction> actions, StreamFault fault)
    {
        var result = new List<WireAction>();
        int left = fault.Position;
        foreach (WireAction action in actions.SkipLast(1))
        {
            if (left == 0) break;
            int taken = Math.Min(action.Bytes.Length, left);
            result.Add(action.Kind == WireActionKind.Write ? WireAction.Write(action.Bytes[..taken]) : action);
            left -= taken;
        }

        result.Add(LastAction(fault.Kind));
        return result;
    }

    private static WireAction LastAction(StreamFaultKind kind) => kind switch
    {
        StreamFaultKind.Silence => WireAction.Silence,
        StreamFaultKind.Reset => WireAction.Reset,
        _ => WireAction.End,
    };

    private static int LengthOf(IEnumerable<WireAction> actions) => actions.Sum(action => action.Bytes.Length);

    private static void AddWrite(List<WireAction> actions, ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.IsEmpty) actions.Add(WireAction.Write(bytes));
    }

    private static byte[] TakeAll(MemoryStream packed)
    {
        byte[] bytes = packed.ToArray();
        packed.SetLength(0);
        return bytes;
    }

    private static ReadOnlyMemory<byte> Join(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        ReadOnlyMemory<byte>[] all = pieces.ToArray();
        if (all.Length == 1) return all[0];
        byte[] joined = new byte[all.Sum(piece => piece.Length)];
        int offset = 0;
        foreach (ReadOnlyMemory<byte> piece in all)
        {
            piece.CopyTo(joined.AsMemory(offset));
            offset += piece.Length;
        }

        return joined;
    }
}
