namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Which kind an error of the OpenAI family is.</summary>
internal static class OpenAIErrorKinds
{
    /// <summary>Codes and types that say: no more until somebody pays or a day has passed.</summary>
    private static readonly string[] QuotaCodes =
    [
        "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "billing_not_active", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "insufficient_balance",
    ];

    private static readonly string[] ContextCodes = ["context_length_exceeded", "exceed_context_size_error", "context_window_exceeded"];

    private static readonly string[] ContextTexts =
        ["maximum context length", "context length exceeded", "exceeds the context", "context window", "exceeds the available context size", "prompt is too long"];

    private static readonly string[] FilterCodes = ["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation", "moderation_blocked"];

    private static readonly string[] MissingCodes = ["model_not_found", "DeploymentNotFound", "unknown_model", "previous_response_not_found"];

    private static readonly string[] KeyCodes = ["invalid_api_key", "authentication_error", "invalid_authentication"];

    internal static ErrorKind KindOf(int status, in ErrorFacts facts)
    {
        if (Is(facts, FilterCodes)) return ErrorKind.ContentFiltered;
        if (Is(facts, QuotaCodes)) return ErrorKind.QuotaExhausted;
        if (Is(facts, ContextCodes) || (status is 400 or 413 or 422 or 500 or 0 && Says(facts, ContextTexts))) return ErrorKind.ContextTooLong;
        if (Is(facts, MissingCodes)) return ErrorKind.NotFound;
        if (Is(facts, KeyCodes)) return ErrorKind.Authentication;
        return status switch
        {
            401 or 403 => ErrorKind.Authentication,
            402 => ErrorKind.QuotaExhausted,
            404 or 405 or 410 => ErrorKind.NotFound,
            409 => ErrorKind.Conflict,
            413 => ErrorKind.TooLarge,

            // The request alone is over the tokens-per-minute limit: no wait makes it fit.
            429 when facts.Message.StartsWith("Request too large", StringComparison.OrdinalIgnoreCase) => ErrorKind.TooLarge,
            429 => ErrorKind.RateLimited,
            503 or 529 => ErrorKind.Overloaded,
            >= 400 and < 500 and not (408 or 425) => ErrorKind.InvalidRequest,
            0 => FromWords(facts),
            _ => ErrorKind.Provider,
        };
    }

    /// <summary>Whether the same request may succeed later or elsewhere (408, 409, 425, 429 and 5xx, less what was found to be final).</summary>
    internal static bool IsTransient(ErrorKind kind, int status) => kind switch
    {
        ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.Conflict => true,
        ErrorKind.Provider => status is not 501,
        _ => false,
    };

    /// <summary>An error inside an answer has no status; its type is what there is.</summary>
    private static ErrorKind FromWords(in ErrorFacts facts)
    {
        if (Is(facts, ["rate_limit_exceeded", "rate_limit_error", "requests", "tokens"])) return ErrorKind.RateLimited;
        if (Is(facts, ["overloaded_error", "server_is_overloaded", "overloaded"])) return ErrorKind.Overloaded;
        return Is(facts, ["invalid_request_error", "BadRequestError", "tool_use_failed"]) ? ErrorKind.InvalidRequest : ErrorKind.Provider;
    }

    private static bool Is(in ErrorFacts facts, ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (string.Equals(facts.Code, word, StringComparison.OrdinalIgnoreCase) || string.Equals(facts.Type, word, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static bool Says(in ErrorFacts facts, ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (facts.Message.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
