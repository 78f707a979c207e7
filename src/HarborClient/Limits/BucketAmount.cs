namespace HarborClient;

/// <summary>How much is taken from a bucket, or added to what was taken.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Amount">How much. Negative only where it gives back what was taken too much.</param>
public readonly record struct BucketAmount(LimitBucket Bucket, long Amount);
