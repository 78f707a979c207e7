using System.Globalization;
using System.Net.Http.Headers;
using HarborClient.Limits;

namespace HarborClient.Providers.Claude;

/// <summary>
/// The rate headers of Claude: <c>anthropic-ratelimit-{requests,input-tokens,output-tokens}-{limit,remaining,reset}</c>. What remains of tokens is rounded to
/// thousands, and the reset is the time at which all is there again.
/// </summary>
internal static class ClaudeRateLimits
{
    internal static bool TryRead(HttpResponseHeaders headers, TimeProvider time, out RateLimitFacts facts)
    {
        facts = default;
        RateFact requests = Read(headers, time, "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset");
        RateFact input = Read(headers, time, "anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset");
        RateFact output = Read(headers, time, "anthropic-ratelimit-output-tokens-limit", "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset");
        if (requests.Limit is null && input.Limit is null && output.Limit is null) return false;
        facts = new RateLimitFacts(requests, default, input, output);
        return true;
    }

    private static RateFact Read(HttpResponseHeaders headers, TimeProvider time, string limit, string remaining, string reset) =>
        RetryHints.Count(headers, limit) is { } most ? new RateFact(most, RetryHints.Count(headers, remaining), Until(headers, time, reset)) : default;

    private static TimeSpan? Until(HttpResponseHeaders headers, TimeProvider time, string name) =>
        DateTimeOffset.TryParse(RetryHints.First(headers, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? RetryHints.Span((at - time.GetUtcNow()).TotalSeconds)
            : null;
}
