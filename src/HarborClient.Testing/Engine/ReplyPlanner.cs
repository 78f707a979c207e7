using System.Globalization;
using HarborClient.Testing.Protocols;

namespace HarborClient.Testing.Engine;

// Turns what a reply was told, and what the request asks, into wire actions.
internal static class ReplyPlanner
{
    public static ReplyPlan Build(ReplySettings reply, EmulatedProtocol protocol, RenderContext context, HeaderList limitHeaders)
    {
        if (PlanBeforeHeaders(reply) is { } fault) return new ReplyPlan(0, [], [.. DelayUnlessZero(reply.DelayBeforeHeaders), fault]);
        RenderedReply rendered = Render(reply, protocol, context);
        bool isSse = SseFraming.IsSse(rendered.ContentType);
        IReadOnlyList<WireEvent> events = isSse ? SseFaults.Apply(reply, rendered.Events) : BreakWhole(reply, rendered.Events);
        (IReadOnlyList<WireAction> body, bool isCut) = BodyShaper.Shape(reply, events);
        WireAction last = body[^1];

        int length = body.Sum(action => action.Bytes.Length);
        if (reply.ExcessContentLength > 0 && last.Kind == WireActionKind.End) body = [.. body.SkipLast(1), WireAction.HangUp];
        HeaderList headers = Headers(reply, rendered, limitHeaders, length);
        WireAction[] start = [.. DelayUnlessZero(reply.DelayBeforeHeaders), WireAction.Headers, .. DelayUnlessZero(reply.DelayBeforeFirstUpdate)];
        return new ReplyPlan(rendered.StatusCode, headers, [.. start, .. body])
        {
            EndsAs = isCut || (isSse && reply.IsWithoutTerminator) ? AttemptOutcome.Cut : AttemptOutcome.Completed,
            KeepAliveBytes = isSse ? SseFraming.Comment("keep-alive") : default,
            KeepAliveInterval = reply.KeepAliveInterval,
        };
    }

    // A body that is not streamed is one update: the first.
    private static IReadOnlyList<WireEvent> BreakWhole(ReplySettings reply, IReadOnlyList<WireEvent> events) =>
        reply.MalformedUpdate == 0 ? [.. events.Select(whole => whole with { Bytes = whole.Bytes[..(whole.Bytes.Length / 2)] })] : events;

    private static WireAction? PlanBeforeHeaders(ReplySettings reply) => reply.BeforeHeaders switch
    {
        BeforeHeadersFault.None => null,
        BeforeHeadersFault.ConnectionRefused => WireAction.Refuse,
        BeforeHeadersFault.NameNotResolved => WireAction.NameNotResolved,
        BeforeHeadersFault.TlsFailure => WireAction.TlsFailure,
        BeforeHeadersFault.NeverAnswer => WireAction.Silence,
        _ => WireAction.Reset,
    };

    private static RenderedReply Render(ReplySettings reply, EmulatedProtocol protocol, RenderContext context) => reply.Kind switch
    {
        ReplyKind.Raw => RenderRaw(reply),
        ReplyKind.Error => protocol.Error(reply.StatusCode, reply.ErrorCode, reply.ErrorMessage, context),
        _ => protocol.Answer(reply, context),
    };

    // Each event of a recorded stream counts as an update: nobody here knows what is in it.
    private static RenderedReply RenderRaw(ReplySettings reply)
    {
        IEnumerable<ReadOnlyMemory<byte>> pieces = SseFraming.IsSse(reply.ContentType) ? SseFraming.Split(reply.RawBody) : [reply.RawBody];
        return new RenderedReply(reply.StatusCode, reply.ContentType, [.. pieces.Select(piece => new WireEvent(WireEventKind.Update, piece))]);
    }

    private static HeaderList Headers(ReplySettings reply, RenderedReply rendered, HeaderList limitHeaders, int length)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if ((reply.ContentType ?? rendered.ContentType) is { } contentType) headers.Add(new("content-type", contentType));
        if (reply.IsGzip) headers.Add(new("content-encoding", "gzip"));
        if (reply.ExcessContentLength is { } excess) headers.Add(new("content-length", (length + excess).ToString(CultureInfo.InvariantCulture)));
        HashSet<string> own = reply.Headers.Select(header => header.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. headers.Concat(rendered.Headers).Concat(limitHeaders).Where(header => !own.Contains(header.Key)), .. reply.Headers];
    }

    private static WireAction[] DelayUnlessZero(TimeSpan delay) => delay > TimeSpan.Zero ? [WireAction.Delay(delay)] : [];
}
