namespace HarborClient.Testing.Engine;

// Where a limit stands. Limit 0 = there is none.
internal readonly record struct LimitState(long Limit, long Remaining, TimeSpan ResetAfter, DateTimeOffset ResetAt);
