namespace HarborClient.Limits;

/// <summary>What the headers of an answer say about rates. A rate that is not per minute is left out by whoever reads the headers.</summary>
internal readonly record struct RateLimitFacts(RateFact Requests, RateFact Tokens, RateFact InputTokens, RateFact OutputTokens);
