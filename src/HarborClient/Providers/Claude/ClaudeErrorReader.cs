using System.Net;

namespace HarborClient.Providers.Claude;

/// <summary>Turns an error of Claude's into a <see cref="HarborException"/>: its own object, or the page of whatever stands before it.</summary>
internal static class ClaudeErrorReader
{
    /// <summary>Reads the body of an answer whose status says error.</summary>
    internal static HarborException Read(string provider, Uri address, HttpStatusCode status, string? requestId, RetryHints hints, ReadOnlySpan<byte> body)
    {
        ErrorFacts facts = ErrorFacts.From(body);
        ErrorKind kind = ClaudeErrorKinds.KindOf((int)status, facts);
        bool isTransient = hints.ShouldRetry ?? ClaudeErrorKinds.IsTransient(kind, (int)status);
        return ProviderError.Build(kind, isTransient, facts, provider, address, status, (int)status, requestId, hints.RetryAfter);
    }

    /// <summary>An error that comes as an event of a stream, or as the body of an answer with status 200.</summary>
    internal static HarborException InsideAnswer(ReadOnlySpan<byte> data)
    {
        ErrorFacts facts = ErrorFacts.From(data);
        int number = facts.NumericCode ?? 0;
        ErrorKind kind = ClaudeErrorKinds.KindOf(number, facts);
        return ProviderError.Build(kind, ClaudeErrorKinds.IsTransient(kind, number), facts, null, null, null, number, null, null);
    }
}
