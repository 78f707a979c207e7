using HarborClient.Testing;
using static HarborClient.Tests.Faults.FaultModes;
using static HarborClient.Tests.Faults.FaultWays;

namespace HarborClient.Tests.Faults;

// Answers that begin and go wrong. Nothing of a plain call was shown, so it is asked again: on the same target once where it was sent whole,
// on the next one where it is streamed upstream, and where there is none, on the same one again.
internal static partial class FaultCases
{
    // A whole answer of 60 tokens is longer than that.
    private const int MiddleOfTheBody = 150;

    private const long ErrorBody = 100_000_000;

    // In memory a byte is sent when it is read, so what the host has sent is all that was read of it, on any way out.
    private const int MostOfAnErrorBody = 64 << 10;

    private static IEnumerable<FaultCase> BrokenAnswers() =>
    [
        new FaultCase("cut after 40 of 60 tokens", By(() => new EmulatedReply().ResetAfterUpdates(40), () => new EmulatedReply().ResetAtByte(MiddleOfTheBody)))
            .Expect(Fast, Plain, "b", "0", "0")
            .Expect(Balanced, Plain, "b", Once, Later)
            .Expect(Full, Plain, "b", "0", "0")
            .Expect(Every, Streamed, "Interrupted after 40 tokens", "0")
            .Expect(Every, Restart, "b", "0", "0")
            .Expect(Every, Continue, "a", "0", "0"),
        new FaultCase("one malformed event", By(() => new EmulatedReply().MalformedEventAt(10), () => new EmulatedReply().MalformedEventAt(0)))
            .Expect(Fast, Plain, "b", "0", "0")
            .Expect(Balanced, Plain, "b", Once, Later)
            .Expect(Full, Plain, "b", "0", "0")
            .Expect(Every, Streamed, "Interrupted after 10 tokens", "0")
            .Expect(Every, Restart, "b", "0", "0"),
        new FaultCase("complete stream without its terminator", Always(() => new EmulatedReply().WithoutTerminator()))
            .Expect(PlainIsWhole, Plain, "a", "0")
            .Expect(Full, Plain, "b", "0", "0")
            .Expect(Every, Streamed, "Interrupted after 60 tokens", "0")
            .Expect(Every, Restart, "b", "0", "0"),
        new FaultCase(
            "cut stream whose fallback rejects assistant prefixes",
            By(() => new EmulatedReply().ResetAfterUpdates(40), () => new EmulatedReply().ResetAtByte(MiddleOfTheBody)))
            .FallingBackTo(RefuseAPrefix)
            .Expect(Fast, Plain, "b", "0", "0")
            .Expect(Balanced, Plain, "b", Once, Later)
            .Expect(Full, Plain, "b", "0", "0")
            .Expect(Every, Streamed, "Interrupted after 40 tokens", "0")
            .Expect(Every, Restart, "b", "0", "0")
            .Expect(Every, Continue, "Interrupted after 40 tokens", "0", "0"),
        new FaultCase("both streams cut", By(() => new EmulatedReply().ResetAfterUpdates(40), () => new EmulatedReply().ResetAtByte(MiddleOfTheBody)))
            .FallingBackTo(By(() => new EmulatedReply().ResetAfterUpdates(30), () => new EmulatedReply().ResetAtByte(MiddleOfTheBody)))
            .Expect(Fast, Plain, "Interrupted", "0", "0")
            .Expect(Balanced, Plain, "Interrupted", Once, "0..0.5 0..1")
            .Expect(Full, Plain, "Interrupted after 30 tokens", "0", Twice)
            .Expect(Every, Streamed, "Interrupted after 40 tokens", "0")
            .Expect(Fast, Restart, "Interrupted after 30 tokens", "0", "0")
            .Expect(Retrying, Restart, "Interrupted after 30 tokens", "0", Twice)
            .Check(run => run.AskedB.Should().OnlyHaveUniqueItems("a host that has just failed is not asked again in the same moment")),
    ];

    private static IEnumerable<FaultCase> OddBodies() =>
    [
        new FaultCase("100 MB error body", Always(() => EmulatedReply.Error(500).Padded(ErrorBody)))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later)
            .Check(run => run.AttemptsAtA.Should().OnlyContain(attempt => attempt.BytesSent > 0 && attempt.BytesSent <= MostOfAnErrorBody)),
        new FaultCase("redirect loop", Always(() => new EmulatedReply().RedirectTo(new Uri("http://a.test:8000/v1/chat/completions"))))
            .Expect(Every, Any, "Configuration", "0"),
        new FaultCase("wrong content type", Always(() => EmulatedReply.Raw("<html><body>It works!</body></html>", "text/html")))
            .Expect(Fast, Any, "b", "0", "0")
            .Expect(Retrying, Any, "b", Once, Later),
        new FaultCase("truncated gzip", Always(() => new EmulatedReply().TruncatedGzip()))
            .Expect(Fast, Plain, "b", "0", "0")
            .Expect(Balanced, Plain, "b", Once, Later)
            .Expect(Full, Plain, "b", "0", "0")
            .Expect(Every, Streamed, "Interrupted after some tokens", "0")
            .Expect(Every, Restart, "b", "0", "0"),
    ];

    private static EmulatedReply? RefuseAPrefix(EmulatedAttempt attempt) =>
        attempt.BodyText.Contains("\"role\":\"assistant\"", StringComparison.Ordinal)
            ? EmulatedReply.Error(400, message: "This model does not support assistant message prefill. The conversation must end with a user message.")
            : null;
}
