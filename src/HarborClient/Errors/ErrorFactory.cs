using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace HarborClient.Errors;

/// <summary>Builds every error's message, away from the code that the hot path inlines.</summary>
internal static class ErrorFactory
{
    /// <summary>Longest piece of a provider's own error text that is quoted in a message.</summary>
    private const int MaxQuotedCharacters = 500;

    /// <summary>Longest piece of the name of a user or tenant.</summary>
    private const int MaxCallerCharacters = 100;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Setting(ErrorKind kind, string message, Exception? inner = null) => new(kind, message, inner);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborTimeoutException Timeout(HarborClock clock, TimeSpan limit, string provider, string model, Exception? inner)
    {
        string message = clock switch
        {
            HarborClock.Connect => $"No connection to {provider} within {limit}. The host is down, unreachable or overloaded; Transport.ConnectTimeout of its options sets the limit.",
            HarborClock.FirstUpdate => $"{provider}/{model} sent no text within {limit} of the request. FirstUpdateTimeout (HarborChatOptions, or UseClocks for all calls) sets the limit.",
            HarborClock.Idle => $"{provider}/{model} fell silent for {limit} in mid-answer. IdleTimeout (HarborChatOptions, or UseClocks for all calls) sets the limit.",
            _ => $"The call did not finish within {limit}; it was waiting for {provider}/{model}. TotalTimeout (HarborChatOptions, or UseClocks for all calls) sets the limit.",
        };
        return new HarborTimeoutException(clock, message, inner) { Provider = provider, Model = model };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Network(HttpRequestException cause, string provider, string model, Uri endpoint)
    {
        string what = cause.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => $"The name {endpoint.Host} of {provider} does not resolve. Check Endpoint",
            HttpRequestError.SecureConnectionError => $"The TLS connection to {endpoint.Authority} ({provider}) failed. Check Endpoint and the host's certificate",
            HttpRequestError.ConnectionError => $"No connection to {endpoint.Authority} ({provider}). The host is down or refuses connections; check Endpoint",
            HttpRequestError.ResponseEnded => $"{provider} closed the connection before it answered",
            _ => $"The exchange with {endpoint.Authority} ({provider}) broke before an answer began",
        };
        return new HarborException(ErrorKind.Network, $"{what} ({cause.HttpRequestError}).", cause) { IsTransient = true, Provider = provider, Model = model };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException EndedEarly(string who, string what, string? requestId, Exception? cause = null) =>
        new(ErrorKind.Interrupted, $"The answer of {who} ended early: {what}.", cause) { IsTransient = true, RequestId = requestId };

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Unreadable(string who, string what, string? contentType, HttpStatusCode? status, string? requestId, Exception? cause = null) =>
        new(
            ErrorKind.Provider,
            $"The answer of {who} cannot be read: {what.TrimEnd('.')}. It came with status {(int?)status} and Content-Type "
            + $"{(contentType is null ? "none" : Quote(contentType))}; if that is not what an API sends, check Endpoint.",
            cause)
        {
            IsTransient = true,
            StatusCode = status,
            RequestId = requestId,
        };

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException Redirected(HttpStatusCode status, Uri? location, Uri endpoint) =>
        new(
            ErrorKind.Configuration,
            $"{endpoint} answered with a redirect ({(int)status}) to {Place(location)}. Redirects are not followed, so that keys and prompts go only where "
            + "Endpoint says: set Endpoint to the final address.")
        {
            StatusCode = status,
        };

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException EventTooLarge(int limit) =>
        new(ErrorKind.TooLarge, $"One event of the stream is larger than {limit:N0} bytes. Transport.MaxEventBytes of the provider's options sets the limit.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException AnswerTooLarge(long limit) =>
        new(ErrorKind.TooLarge, $"The answer is larger than {limit:N0} bytes. Transport.MaxAnswerBytes of the provider's options sets the limit.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static StreamInterruptedException Interrupted(ChatResponse partial, Exception cause)
    {
        var known = cause as HarborException;
        string message = known is { Kind: not ErrorKind.Interrupted }
            ? $"The answer was interrupted after {CharactersOf(partial)} of text: {known.Message}"
            : $"{known?.Message ?? "The answer was interrupted."} {CharactersOf(partial)} of text had arrived.";
        return new StreamInterruptedException(partial, message, cause)
        {
            IsTransient = known?.IsTransient ?? true,
            StatusCode = known?.StatusCode,
            ProviderCode = known?.ProviderCode,
            RequestId = known?.RequestId,
            RetryAfter = known?.RetryAfter,
            Provider = known?.Provider,
            Model = known?.Model,
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException LeftBehind(string provider, string model) => new(
        ErrorKind.Interrupted,
        $"This call shared the answer of {provider}/{model} with others and read more than 1 MiB behind them; asked for once more for this call alone, the answer does not begin as the first one did. "
        + "Read it faster, or set Cache = Bypass for whoever cannot.") { IsTransient = true, Provider = provider, Model = model };

    private static string CharactersOf(ChatResponse partial) =>
        FormattableString.Invariant($"{partial.Text.Length:N0} character{(partial.Text.Length == 1 ? "" : "s")}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException ToolsFailed(string? name, int rounds, Exception? cause) =>
        new(
            ErrorKind.Tool,
            $"Functions failed in {rounds} {(rounds == 1 ? "round" : "rounds in a row")}, the last time {(name is null ? "a call of the model's that no function fits" : $"'{name}'")}. ToolInvocation.MaximumConsecutiveErrors sets how often the model may be told.",
            cause);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException NoReader() => new(ErrorKind.Configuration, "A stage (AddStage) returned null instead of an UpdateReader.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException NoPermittedTarget(string model, IEnumerable<string> targets, IEnumerable<string>? allowed, bool isLocalOnly)
    {
        string rule = isLocalOnly ? "the call must stay on local hosts (LocalOnly of its alias, KeepLocal or KeepTenantsLocal)" : "";
        if (allowed is not null) rule += $"{(isLocalOnly ? ", and " : "")}AllowedTargets names {List(allowed)}";
        return new HarborException(ErrorKind.NoPermittedTarget, $"No target of '{model}' is permitted: its targets are {List(targets)}, {rule}. Nothing was sent there.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException AllLeftAlone(string model, IEnumerable<string> targets, TimeSpan soonest, bool waits) =>
        new(
            ErrorKind.Overloaded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Nobody can be asked for '{model}': {string.Join("; ", targets)}. {(waits ? "Waiting does not fit the call's TotalTimeout" : "This mode does not wait (Balanced and Full do)")}; try again in {soonest.TotalSeconds:0.###} s. CircuitBreaker of the provider's options says when a host is left alone, and MapModel can name more targets."))
        {
            IsTransient = true,
            RetryAfter = soonest,
        };

    /// <summary>A limit of the caller's own (<see cref="CallerLimitOptions"/>).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HarborException CallerLimited(string who, string name, string limit, string setting, TimeSpan retryAfter) =>
        new(ErrorKind.RateLimited, $"The {who} '{Quote(name, MaxCallerCharacters)}' is over its limit of {limit}; try again in {SecondsUp(retryAfter)}. Nothing was sent. {setting} sets the limit.")
        {
            IsTransient = true,
            RetryAfter = retryAfter,
        };

    /// <summary>Rounded up: who comes back after it is not too early.</summary>
    private static string SecondsUp(TimeSpan time) => FormattableString.Invariant($"{Math.Ceiling(time.TotalMilliseconds) / 1000:0.###} s");

    /// <summary>A redirect's target without its query, which may be a secret, and unescaped, so that a secret in its path is found.</summary>
    private static string Place(Uri? location) => location switch
    {
        null => "nowhere",
        { IsAbsoluteUri: true } => Quote(Uri.UnescapeDataString(location.GetLeftPart(UriPartial.Path))),
        _ => Quote(Uri.UnescapeDataString(location.OriginalString.Split('?', '#')[0])),
    };

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(FastClient), "The FastClient was disposed.");

    /// <summary>A provider's own words, safe to put in a message: one line, bounded, without control characters.</summary>
    internal static string Quote(string text, int most = MaxQuotedCharacters)
    {
        ReadOnlySpan<char> source = text.AsSpan().Trim();
        bool cut = source.Length > most;
        if (cut) source = source[..(char.IsHighSurrogate(source[most - 2]) ? most - 2 : most - 1)];
        string clean = string.Create(source.Length, source, static (target, from) =>
        {
            for (int i = 0; i < target.Length; i++) target[i] = IsInvisible(from[i]) ? ' ' : from[i];
        });
        return cut ? clean + "…" : clean;
    }

    /// <summary>Line breaks of every kind, and marks that reorder or hide text: they would forge lines and words in a log.</summary>
    private static bool IsInvisible(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    internal static string List(IEnumerable<string> names)
    {
        string joined = string.Join(", ", names);
        return joined.Length == 0 ? "(none)" : joined;
    }

    /// <summary>A call that wanted a kept answer, where there is none.</summary>
    internal static HarborException WasNotKept(string model) => new(
        ErrorKind.InvalidRequest,
        $"'{Quote(model, 200)}' answered, and answers to calls like this one are never kept: they refer to something at the provider (a conversation, files, tools that run there), or their DataClass is not kept (Cache.NeverStoreFrom).");

    internal static HarborException NotKept(string model, bool applies) => new(ErrorKind.NotCached, applies
        ? $"No kept answer of '{Quote(model, 200)}' fits this request, and Cache = Only has nothing sent. Ask once with Cache = Always, or with a longer CacheTtl."
        : $"Calls like this one to '{Quote(model, 200)}' are never kept, and Cache = Only has nothing sent: they refer to something at the provider (a conversation, files, tools that run there), or their DataClass is not kept (Cache.NeverStoreFrom).");
}
