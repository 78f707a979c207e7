namespace HarborClient.Caching;

/// <summary>Where the answer of one target to a request lies, if it is kept.</summary>
/// <param name="Key">In this process's memory.</param>
/// <param name="Name">In the levels below, and in other processes.</param>
internal readonly record struct AnswerKey(CacheKey Key, string Name);
