namespace HarborClient.Limits;

/// <summary>What a host says about one of its rates.</summary>
/// <param name="Limit">Per minute; <see langword="null"/> or not above zero: not said.</param>
/// <param name="Remaining">Left now; <see langword="null"/> or below zero: not said.</param>
internal readonly record struct RateFact(long? Limit, long? Remaining);
