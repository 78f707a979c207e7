namespace HarborClient.Testing.Engine;

// Changes to a stream of events that know nothing of its protocol.
internal static class SseFaults
{
    public static IReadOnlyList<WireEvent> Apply(ReplySettings reply, IReadOnlyList<WireEvent> events)
    {
        var result = new List<WireEvent>(events.Count);
        var updates = 0;
        foreach (var wireEvent in events)
        {
            var isLeftOut = wireEvent.Kind switch
            {
                WireEventKind.Finish or WireEventKind.Trailer => reply.IsWithoutTerminator,
                WireEventKind.Done => reply.IsWithoutTerminator || reply.IsWithoutDone,
                _ => false,
            };
            if (isLeftOut)
            {
                continue;
            }

            var isMalformed = wireEvent.Kind == WireEventKind.Update && updates++ == reply.MalformedUpdate;
            var bytes = isMalformed ? SseFraming.Malformed(wireEvent.Bytes.Span) : wireEvent.Bytes;
            result.Add(wireEvent with { Bytes = reply.CommentBetweenEvents is { } comment ? (byte[])[.. SseFraming.Comment(comment), .. bytes.Span] : bytes });
        }

        return result;
    }
}
