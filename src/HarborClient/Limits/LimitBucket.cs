namespace HarborClient;

/// <summary>A rate that several processes share: a bucket that holds <paramref name="Capacity"/> and refills evenly in <paramref name="Period"/>.</summary>
/// <param name="Name">The bucket's name, one of a few within its owner, such as <c>tokens/minute</c>.</param>
/// <param name="Capacity">What it holds at most; at least 1.</param>
/// <param name="Period">In what time it refills from empty to full.</param>
public sealed record LimitBucket(string Name, long Capacity, TimeSpan Period);
