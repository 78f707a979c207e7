using System.Net.Http.Headers;
using HarborClient.Limits;

namespace HarborClient.Providers.Claude;

/// <summary>
/// The rate headers of Claude: <c>anthropic-ratelimit-{requests,input-tokens,output-tokens}-{limit,remaining}</c>. What remains of tokens is rounded to
/// thousands.
/// </summary>
internal static class ClaudeRateLimits
{
    internal static bool TryRead(HttpResponseHeaders headers, out RateLimitFacts facts)
    {
        facts = default;
        RateFact requests = Read(headers, "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining");
        RateFact input = Read(headers, "anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining");
        RateFact output = Read(headers, "anthropic-ratelimit-output-tokens-limit", "anthropic-ratelimit-output-tokens-remaining");
        if (requests.Limit is null && input.Limit is null && output.Limit is null) return false;
        facts = new RateLimitFacts(requests, default, input, output);
        return true;
    }

    private static RateFact Read(HttpResponseHeaders headers, string limit, string remaining) =>
        RetryHints.Count(headers, limit) is { } most ? new RateFact(most, RetryHints.Count(headers, remaining)) : default;
}
