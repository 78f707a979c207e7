using System.Globalization;
using System.Net.Http.Headers;
using HarborClient.Limits;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>The rate headers of OpenAI and Azure: <c>x-ratelimit-{limit,remaining}-{requests,tokens}</c>. Their resets say when all is there again, not how long to wait.</summary>
internal static class OpenAIRateLimits
{
    internal static bool TryRead(HttpResponseHeaders headers, out RateLimitFacts facts)
    {
        facts = default;
        RateFact requests = Read(headers, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests");
        RateFact tokens = Read(headers, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens");
        if (requests.Limit is null && tokens.Limit is null) return false;
        facts = new RateLimitFacts(requests, tokens, default, default);
        return true;
    }

    private static RateFact Read(HttpResponseHeaders headers, string limit, string remaining) =>
        RetryHints.Count(headers, limit) is { } most ? new RateFact(most, RetryHints.Count(headers, remaining)) : default;
}
