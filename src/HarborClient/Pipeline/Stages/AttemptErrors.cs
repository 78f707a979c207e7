using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;
using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>Turns whatever an attempt threw into what the caller may see: the caller's own cancellation, or a <see cref="HarborException"/>.</summary>
internal static class AttemptErrors
{
    internal static Exception Translate(Call attempt, Provider provider, Exception error, string? contentType)
    {
        Target target = attempt.Target!;
        if (error is HarborException known)
        {
            known.Provider ??= target.Provider;
            known.Model ??= target.Model;
            known.RequestId ??= attempt.RequestId;
            known.Scrub(ScrubberOf(attempt, provider));
            if (known is { Kind: ErrorKind.Authentication, StatusCode: not null }) provider.Setup.Credential?.Refused(attempt.Credential);
            return known;
        }

        if (Cancelled(attempt, error) is { } cancelled) return cancelled;
        SecretScrubber scrubber = ScrubberOf(attempt, provider);
        HarborException classified = Classify(target, provider, attempt, scrubber.Clean(error), contentType);
        classified.Scrub(scrubber);
        return classified;
    }

    /// <summary>A cancelled exchange fails in many ways; what cancelled it is what counts. Null when nothing did.</summary>
    private static Exception? Cancelled(Call attempt, Exception error)
    {
        Target target = attempt.Target!;
        if (attempt.CallerToken.IsCancellationRequested) return new OperationCanceledException("The call was cancelled by its caller.", error, attempt.CallerToken);
        if (attempt.Parent?.IsLeft == true) return new OperationCanceledException("The stream was disposed while it was being read.", error);
        if (attempt.Clocks.Expired is { } clock) return ErrorFactory.Timeout(clock, attempt.Clocks.LimitOf(clock, attempt.Settings), target.Provider, target.Model, error);
        return attempt.Services.Shutdown.IsCancellationRequested ? new ObjectDisposedException("The FastClient was disposed while the call was running.", error) : null;
    }

    /// <summary>What ended the wait for a permit, before anything was sent.</summary>
    internal static Exception OfWaiting(Call attempt, Exception error)
    {
        Target target = attempt.Target!;
        if (error is HarborException known)
        {
            known.Provider ??= target.Provider;
            known.Model ??= target.Model;
            return known;
        }

        return Cancelled(attempt, error) ?? error;
    }

    private static SecretScrubber ScrubberOf(Call attempt, Provider provider)
    {
        PooledBody? body = attempt.Body?.TryAddReference() == true ? attempt.Body : null;
        try
        {
            return new SecretScrubber(KeysOf(attempt, provider), PromptsOf(attempt), body is null ? default : body.Content, attempt.Target!.Model);
        }
        finally
        {
            body?.Release();
        }
    }

    private static IEnumerable<string> KeysOf(Call attempt, Provider provider)
    {
        foreach (string value in provider.HeaderValues) yield return value;
        if (attempt.SentKey is { } sent) yield return sent;
        if (attempt.Key is not { } key) yield break;
        yield return key;

        // Of a key of two parts, the second is the secret; it may be too short to be found as a piece of the whole.
        if (key.LastIndexOf('.') is >= 0 and var dot) yield return key[(dot + 1)..];
    }

    private static IEnumerable<string> PromptsOf(Call attempt)
    {
        foreach (string input in attempt.Inputs) yield return input;
        if (attempt.Options?.Instructions is { } instructions) yield return instructions;
        foreach (ChatMessage message in attempt.Messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is TextContent text) yield return text.Text;
                else if (content is FunctionResultContent { Result: string result }) yield return result;
            }
        }
    }

    private static HarborException Classify(Target target, Provider provider, Call attempt, Exception error, string? contentType)
    {
        HarborException classified = error switch
        {
            // SocketsHttpHandler reports its ConnectTimeout so.
            OperationCanceledException { InnerException: TimeoutException } when attempt.StatusCode is null =>
                ErrorFactory.Timeout(HarborClock.Connect, provider.Limits.ConnectTimeout, target.Provider, target.Model, error),
            HttpRequestException network when attempt.StatusCode is null => ErrorFactory.Network(network, target.Provider, target.Model, target.Endpoint),
            HttpRequestException or IOException => ErrorFactory.EndedEarly(target.Name, "the connection broke", attempt.RequestId, error),
            OperationCanceledException { InnerException: TimeoutException } => ErrorFactory.EndedEarly(target.Name, "the handler it came through gave up waiting", attempt.RequestId, error),
            InvalidDataException or InvalidOperationException { Source: "System.IO.Compression.Brotli" } => ErrorFactory.EndedEarly(target.Name, "its compressed body is cut or damaged", attempt.RequestId, error),
            JsonException malformed => ErrorFactory.Unreadable(target.Name, ErrorFactory.Quote(malformed.Message), contentType, attempt.StatusCode, attempt.RequestId, error),
            _ => ErrorFactory.Unreadable(target.Name, $"{error.GetType().Name}: {ErrorFactory.Quote(error.Message)}", contentType, attempt.StatusCode, attempt.RequestId, error),
        };
        classified.Provider = target.Provider;
        classified.Model = target.Model;
        return classified;
    }
}
