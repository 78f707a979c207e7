namespace HarborClient.Testing.Engine;

// Changes to a stream of events that know nothing of its protocol.
internal static class SseFaults
{
    public static IReadOnlyList<WireEvent> Apply(ReplySettings reply, IReadOnlyList<WireEvent> events)
    {
        var result = new List<WireEvent>(events.Count);
        int updates = 0;
        foreach (WireEvent wireEvent in events)
        {
            bool isLeftOut = wireEvent.Kind switch
            {
                WireEventKind.Finish or WireEventKind.Trailer => reply.IsWithoutTerminator,
                WireEventKind.Done => reply.IsWithoutTerminator || reply.IsWithoutDone,
                _ => false,
            };
            if (isLeftOut) continue;
            bool isMalformed = wireEvent.Kind == WireEventKind.Update && updates++ == reply.MalformedUpdate;
            ReadOnlyMemory<byte> bytes = isMalformed ? SseFraming.Malformed(wireEvent.Bytes.Span) : wireEvent.Bytes;
            result.Add(wireEvent with { Bytes = reply.CommentBetweenEvents is { } comment ? (byte[])[.. SseFraming.Comment(comment), .. bytes.Span] : bytes });
        }

        return result;
    }
}
