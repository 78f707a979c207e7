using HarborClient.Testing;
using static HarborClient.Tests.Faults.FaultModes;
using static HarborClient.Tests.Faults.FaultWays;

namespace HarborClient.Tests.Faults;

// The fault matrix. "a" is the primary and "b" the fallback; an answer is told by who gave it.
// Full jitter: the first back-off is 0 to 0.5 s, the second 0 to 1 s. After a Retry-After a gate opens up to a tenth later, so that not all come at once.
internal static partial class FaultCases
{
    private const string Once = "0 0..0.5";
    private const string Twice = "0 0..0.5 0..1.5";
    private const string Later = "0..0.5";

    // After two refusals in a row for want of capacity the limiter of the route closes for a second, a quarter more or less.
    private const string TwiceRefused = "0 0..0.5 0..1.75";

    public static IReadOnlyList<FaultCase> All { get; } = [.. Refusals(), .. FailuresOfTheHost(), .. NoConnection(), .. Silence(), .. BrokenAnswers(), .. OddBodies()];

    // What the host says no to.
    private static IEnumerable<FaultCase> Refusals() =>
    [
        new FaultCase("429 once with Retry-After: 2", First(1, () => EmulatedReply.Error(429, 2)))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "a", "0 2..2.2"),
        new FaultCase("429 once with Retry-After: 30", First(1, () => EmulatedReply.Error(429, 30)))
            .Expect(Every, Any, "b", "0", "0"),
        new FaultCase("429 once with Retry-After: 30, no fallback", First(1, () => EmulatedReply.Error(429, 30))).Alone()
            .Expect(Fast, Any, "RateLimited", "0").Expect(Retrying, Any, "a", "0 30..33")
            .Check(run => (run.Error?.RetryAfter ?? TimeSpan.FromSeconds(30)).Should().Be(TimeSpan.FromSeconds(30))),
        new FaultCase("429 with Retry-After: 90, which does not fit the 60 s of the call, no fallback", Always(() => EmulatedReply.Error(429, 90))).Alone()
            .Expect(Every, Any, "RateLimited", "0")
            .Check(run => run.Error!.RetryAfter.Should().Be(TimeSpan.FromSeconds(90))),
        new FaultCase("429 persistent without header", Always(() => EmulatedReply.Error(429)))
            .Expect(Every, Any, "b", "0", "0"),
        new FaultCase("429 persistent without header, no fallback", Always(() => EmulatedReply.Error(429))).Alone()
            .Expect(Fast, Any, "RateLimited", "0")
            .Expect(Retrying, Any, "RateLimited", TwiceRefused),
        new FaultCase("quota used up", Always(() => EmulatedReply.Error(429, code: "insufficient_quota")))
            .Expect(Every, Any, "b", "0", "0"),
        new FaultCase("quota of one of two keys used up", First(1, () => EmulatedReply.Error(429, code: "insufficient_quota"))).WithKeys(2)
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "a", "0 0"),
        new FaultCase("401", Always(() => EmulatedReply.Error(401)))
            .Expect(Every, Any, "Authentication", "0"),
        new FaultCase("one of two keys rejected", First(1, () => EmulatedReply.Error(401))).WithKeys(2)
            .Expect(Fast, Any, "Authentication", "0")
            .Expect(Retrying, Any, "a", "0 0"),
        new FaultCase("403", Always(() => EmulatedReply.Error(403)))
            .Expect(Every, Any, "Authentication", "0"),
        new FaultCase("400", Always(() => EmulatedReply.Error(400)))
            .Expect(Every, Any, "InvalidRequest", "0"),
        new FaultCase("context length 400", Always(() => EmulatedReply.Error(400, code: "context_length_exceeded")))
            .Expect(Every, Any, "ContextTooLong", "0"),
        new FaultCase("context length 400, and the fallback's window is known to be larger", Always(() => EmulatedReply.Error(400, code: "context_length_exceeded")))
            .WithModels("gpt-4o-mini", "gpt-4.1-mini")
            .Expect(Every, Any, "b", "0", "0"),
        new FaultCase("context length 400, and the fallback's window is known to be smaller", Always(() => EmulatedReply.Error(400, code: "context_length_exceeded")))
            .WithModels("gpt-4.1-mini", "gpt-4o-mini")
            .Expect(Every, Any, "ContextTooLong", "0"),
        new FaultCase("content filter 400", Always(() => EmulatedReply.Error(400, code: "content_filter")))
            .Expect(Every, Any, "ContentFiltered", "0"),
    ];

    private static IEnumerable<FaultCase> FailuresOfTheHost() =>
    [
        new FaultCase("500 once", First(1, () => EmulatedReply.Error(500)))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "a", Once),
        new FaultCase("500 persistent", Always(() => EmulatedReply.Error(500)))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
        new FaultCase("500 persistent, no fallback", Always(() => EmulatedReply.Error(500))).Alone()
            .Expect(Fast, Any, "Provider", "0")
            .Expect(Retrying, Any, "Provider", Twice),
        new FaultCase("503 persistent", Always(() => EmulatedReply.Error(503)))
            .Expect(Every, Any, "b", "0", "0"),
        new FaultCase("503 persistent, no fallback", Always(() => EmulatedReply.Error(503))).Alone()
            .Expect(Fast, Any, "Overloaded", "0")
            .Expect(Retrying, Any, "Overloaded", TwiceRefused),
        new FaultCase("503 with accounting on the fallback", Always(() => EmulatedReply.Error(503))).FallingBackTo(Always(() => new EmulatedReply().Usage(1234, 56)))
            .Expect(Every, Any, "b", "0", "0")
            .Check(run =>
            {
                (run.Answer!.Usage?.InputTokenCount, run.Answer.Usage?.OutputTokenCount).Should().Be((1234, 56));
                run.Answer.GetHarborInfo().Provider.Should().Be("b");
                run.Answer.GetHarborInfo().Model.Should().Be("two");
                run.Told.Select(attempt => (attempt.Provider, attempt.Error)).Should().Equal(("a", ErrorKind.Overloaded), ("b", null));
            }),
        new FaultCase("both hosts 500", Always(() => EmulatedReply.Error(500))).FallingBackTo(Always(() => EmulatedReply.Error(500)))
            .Expect(Fast, Any, "Provider", "0", "0")
            .Expect(Retrying, Any, "Provider", Once, "0..0.5 0..1"),
        new FaultCase("503 once, and the fallback refuses connections", First(1, () => EmulatedReply.Error(503))).FallingBackTo(Always(() => new EmulatedReply().ConnectionRefused()))
            .Expect(Fast, Any, "Network", "0", "0")
            .Expect(Retrying, Any, "a", "0 0..1", Once, took: "0..1"),
        new FaultCase("both hosts 503", Always(() => EmulatedReply.Error(503))).FallingBackTo(Always(() => EmulatedReply.Error(503)))
            .Expect(Fast, Any, "Overloaded", "0", "0")
            .Expect(Retrying, Any, "Overloaded", "0 0..0.5", "0 0..1"),
    ];

    private static IEnumerable<FaultCase> NoConnection() =>
    [
        new FaultCase("connection refused", Always(() => new EmulatedReply().ConnectionRefused()))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
        new FaultCase("connection refused, no fallback", Always(() => new EmulatedReply().ConnectionRefused())).Alone()
            .Expect(Fast, Any, "Network", "0")
            .Expect(Retrying, Any, "Network", Twice),
        new FaultCase("reset before headers, once", First(1, () => new EmulatedReply().ResetBeforeHeaders()))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "a", Once),
        new FaultCase("reset once the request was read", Always(() => new EmulatedReply().AbortWhenBodyRead()))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
        new FaultCase("DNS failure", Always(() => new EmulatedReply().NameNotResolved()))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
        new FaultCase("TLS failure", Always(() => new EmulatedReply().TlsFailure()))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
    ];

    // Nothing comes, or it comes late. A plain call that is sent whole has only the clock of the whole call.
    private static IEnumerable<FaultCase> Silence() =>
    [
        new FaultCase("accepted and never answered", Always(() => new EmulatedReply().NeverAnswer()))
            .Expect(PlainIsWhole, Plain, "Timeout (Total)", "0", took: "60")
            .Expect(Full, Plain, "b", "0", "30")
            .Expect(Every, Streamed, "b", "0", "30"),
        new FaultCase("accepted and never answered, no fallback", Always(() => new EmulatedReply().NeverAnswer())).Alone()
            .Expect(PlainIsWhole, Plain, "Timeout (Total)", "0", took: "60")
            .Expect(Full, Plain, "Timeout (Total)", "0 30..30.5", took: "60")
            .Expect(Fast, Streamed, "Timeout (FirstUpdate)", "0", took: "30")
            .Expect(Retrying, Streamed, "Timeout (Total)", "0 30..30.5", took: "60"),
        new FaultCase("first token after 20 s", Always(() => new EmulatedReply().DelayBeforeFirstUpdate(TimeSpan.FromSeconds(20))))
            .Expect(Every, Any, "a", "0", took: "20"),
        new FaultCase("silent for 30 s after 20 tokens", Always(() => new EmulatedReply().PauseAfterUpdates(20, TimeSpan.FromSeconds(30))))
            .Expect(PlainIsWhole, Plain, "a", "0", took: "30")
            .Expect(Full, Plain, "b", "0", "20")
            .Expect(Every, Streamed, "Interrupted after 20 tokens (Idle)", "0", took: "20")
            .Expect(Every, Restart, "b", "0", "20")
            .Expect(Every, Continue, "a", "0", "20"),
        new FaultCase("slow-loris body, a byte a second", Always(() => new EmulatedReply().SlowLoris(TimeSpan.FromSeconds(1))))
            .Expect(PlainIsWhole, Plain, "Timeout (Total)", "0", took: "60")
            .Expect(Full, Plain, "b", "0", "30")
            .Expect(Every, Streamed, "b", "0", "30"),
    ];

    private static Func<EmulatedAttempt, EmulatedReply?> Always(Func<EmulatedReply> reply) => _ => reply();

    private static Func<EmulatedAttempt, EmulatedReply?> First(int count, Func<EmulatedReply> reply) => attempt => attempt.Number <= count ? reply() : null;

    // The same fault where it shows in a stream, and where it shows in an answer that is sent whole.
    private static Func<EmulatedAttempt, EmulatedReply?> By(Func<EmulatedReply> streamed, Func<EmulatedReply> whole) => attempt => attempt.IsStreaming ? streamed() : whole();
}
