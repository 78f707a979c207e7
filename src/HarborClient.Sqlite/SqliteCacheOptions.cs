namespace HarborClient;

/// <summary>Answers kept in a SQLite file.</summary>
public sealed class SqliteCacheOptions
{
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(365);

    /// <summary>How large the file may become. When it is full, those that were not used for the longest make room; one answer of more than an eighth of it is not kept.</summary>
    /// <value>Default 1 GB (1,073,741,824); 1 MB to 1 TB. Up to an eighth of it, and at most 4 MB, comes on top in the file <c>-wal</c> between two checkpoints.</value>
    public long SizeLimitBytes { get; set; } = 1L << 30;

    /// <summary>How long an answer is kept where a call or an alias says nothing (<see cref="HarborChatOptions.CacheTtl"/>).</summary>
    /// <value>Default 24 h; 1 s to 365 days.</value>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromHours(24);

    internal SqliteCacheOptions Validated()
    {
        if (SizeLimitBytes is < 1L << 20 or > 1L << 40) throw OutOfRange(FormattableString.Invariant($"SqliteCache.SizeLimitBytes must be {1L << 20:N0} to {1L << 40:N0} (was {SizeLimitBytes:N0})."));
        if (Ttl < ShortestTtl || Ttl > LongestTtl) throw OutOfRange($"SqliteCache.Ttl must be {ShortestTtl} to {LongestTtl} (was {Ttl}).");
        return new SqliteCacheOptions { SizeLimitBytes = SizeLimitBytes, Ttl = Ttl };
    }

    private static HarborException OutOfRange(string message) => new(ErrorKind.Configuration, message);
}
