namespace HarborClient.Providers.Gemini;

/// <summary>Which kind an error of Google's is.</summary>
internal static class GeminiErrorKinds
{
    internal static ErrorKind KindOf(int status, in GeminiErrorDetails details, string message)
    {
        // A wrong key is a bad request here; its reason tells.
        if (details.Reason?.StartsWith("API_KEY_", StringComparison.Ordinal) == true) return ErrorKind.Authentication;
        if (status is 400 or 413 && Says(message, "token count") && Says(message, "exceed")) return ErrorKind.ContextTooLong;
        if (status == 400 && Says(message, "payload size exceeds")) return ErrorKind.TooLarge;
        return status switch
        {
            // The project may not do this: its region is not served, or its billing is off.
            400 when details.Status == "FAILED_PRECONDITION" => ErrorKind.Authentication,
            401 or 403 => ErrorKind.Authentication,
            402 => ErrorKind.QuotaExhausted,
            404 or 405 or 410 => ErrorKind.NotFound,
            409 => ErrorKind.Conflict,
            413 => ErrorKind.TooLarge,
            429 => details.IsDaily ? ErrorKind.QuotaExhausted : ErrorKind.RateLimited,
            503 or 529 => ErrorKind.Overloaded,

            // Somebody cancelled the operation; nothing was wrong with the request.
            499 => ErrorKind.Provider,
            >= 400 and < 500 and not (408 or 425) => ErrorKind.InvalidRequest,
            _ => ErrorKind.Provider,
        };
    }

    /// <summary>Whether the same request may succeed later or elsewhere.</summary>
    internal static bool IsTransient(ErrorKind kind, int status) => kind switch
    {
        ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.Conflict => true,
        ErrorKind.Provider => status is not (499 or 501),
        _ => false,
    };

    /// <summary>The HTTP status that a status word stands for, where an answer gives only the word; 0 for others.</summary>
    internal static int NumberOf(string? word) => word switch
    {
        "INVALID_ARGUMENT" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ABORTED" or "ALREADY_EXISTS" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 0,
    };

    private static bool Says(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
