namespace HarborClient.Providers.Claude;

/// <summary>Which kind an error of Claude's is. Its type is the same inside a stream, where there is no status.</summary>
internal static class ClaudeErrorKinds
{
    private static readonly string[] ContextTexts = ["prompt is too long", "exceed context limit", "exceeds the context", "context window"];

    /// <summary>A balance or a limit that is used up comes as an invalid request.</summary>
    private static readonly string[] QuotaTexts = ["credit balance is too low", "specified API usage limits", "spend limit"];

    private static readonly string[] FilterTexts = ["content filtering policy"];

    internal static ErrorKind KindOf(int status, in ErrorFacts facts)
    {
        if (status is 0 or 400 or 413 or 422 or 429)
        {
            if (Says(facts, QuotaTexts)) return ErrorKind.QuotaExhausted;
            if (Says(facts, ContextTexts)) return ErrorKind.ContextTooLong;
            if (Says(facts, FilterTexts)) return ErrorKind.ContentFiltered;
        }

        return facts.Type switch
        {
            "authentication_error" or "permission_error" => ErrorKind.Authentication,
            "billing_error" => ErrorKind.QuotaExhausted,
            "not_found_error" => ErrorKind.NotFound,
            "conflict_error" => ErrorKind.Conflict,
            "request_too_large" => ErrorKind.TooLarge,
            "rate_limit_error" => ErrorKind.RateLimited,
            "overloaded_error" => ErrorKind.Overloaded,
            "api_error" or "timeout_error" => ErrorKind.Provider,
            "invalid_request_error" when status is 0 or 400 or 422 => ErrorKind.InvalidRequest,
            _ => OfStatus(status),
        };
    }

    /// <summary>Whether the same request may succeed later or elsewhere.</summary>
    internal static bool IsTransient(ErrorKind kind, int status) => kind switch
    {
        ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.Conflict => true,
        ErrorKind.Provider => status is not 501,
        _ => false,
    };

    private static ErrorKind OfStatus(int status) => status switch
    {
        401 or 403 => ErrorKind.Authentication,
        402 => ErrorKind.QuotaExhausted,
        404 or 405 or 410 => ErrorKind.NotFound,
        409 => ErrorKind.Conflict,
        413 => ErrorKind.TooLarge,
        429 => ErrorKind.RateLimited,
        503 or 529 => ErrorKind.Overloaded,
        >= 400 and < 500 and not (408 or 425) => ErrorKind.InvalidRequest,
        _ => ErrorKind.Provider,
    };

    private static bool Says(in ErrorFacts facts, ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (facts.Message.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
