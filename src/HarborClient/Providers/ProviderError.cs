using System.Globalization;
using System.Net;
using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>Builds the error of every dialect, once its reader has said which kind it is.</summary>
internal static class ProviderError
{
    /// <summary>Builds an error.</summary>
    /// <param name="kind">What the caller can do about it.</param>
    /// <param name="isTransient">Whether the same request may succeed later or elsewhere.</param>
    /// <param name="facts">What the provider said.</param>
    /// <param name="provider">Its registered name; null for an error inside an answer, where the pipeline adds it.</param>
    /// <param name="address">Where the request went.</param>
    /// <param name="status">The status of the HTTP answer; null inside an answer.</param>
    /// <param name="number">The status, or what stands for it inside the body; 0 for none.</param>
    /// <param name="requestId">The id from the headers; the body's own id fills in.</param>
    /// <param name="retryAfter">How long the provider asks to wait.</param>
    /// <returns>The error.</returns>
    internal static HarborException Build(
        ErrorKind kind, bool isTransient, in ErrorFacts facts, string? provider, Uri? address, HttpStatusCode? status, int number, string? requestId, TimeSpan? retryAfter)
    {
        string who = provider is null ? "The provider reported" : $"{provider} answered {number}";

        // A wrong Endpoint shows as a 404 of somebody else's server.
        if (number is 404 or 405 && address is not null) who += $" at {address.GetLeftPart(UriPartial.Path)}";
        string said = (facts.Code ?? facts.Type) is { } code ? $"{ErrorFactory.Quote(code)}: {ErrorFactory.Quote(facts.Message)}" : ErrorFactory.Quote(facts.Message);
        return new HarborException(kind, $"{who}: {said}{HintOf(kind, retryAfter)}")
        {
            IsTransient = isTransient,
            StatusCode = status ?? (number == 0 ? null : (HttpStatusCode)number),
            ProviderCode = facts.Code ?? facts.Type,
            RequestId = requestId ?? facts.RequestId,
            RetryAfter = retryAfter,
            Provider = provider,
        };
    }

    /// <summary>The setting that would change it, where there is one.</summary>
    private static string HintOf(ErrorKind kind, TimeSpan? retryAfter) => kind switch
    {
        ErrorKind.Authentication => " (The key comes from Keys or UseCredential of the provider's options.)",
        ErrorKind.RateLimited or ErrorKind.Overloaded when retryAfter is { } wait =>
            string.Create(CultureInfo.InvariantCulture, $" (It asks to wait {wait.TotalSeconds:0.###} s; MapModel can name another target.)"),
        ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.QuotaExhausted => " (MapModel can name another target.)",
        _ => "",
    };
}
