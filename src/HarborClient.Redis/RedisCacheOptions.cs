namespace HarborClient;

/// <summary>Answers kept in Redis, where processes share them.</summary>
public sealed class RedisCacheOptions
{
    /// <summary>How long an answer is kept where a call or an alias says nothing (<see cref="HarborChatOptions.CacheTtl"/>).</summary>
    /// <value>Default 1 h; 1 s to 365 days.</value>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What all keys begin with, and the channel on which removals are told. Programs that share a cache have the same.</summary>
    /// <value>Default <c>harbor</c>; 1 to 200 characters, no braces.</value>
    public string Prefix { get; set; } = "harbor";

    internal RedisCacheOptions Validated()
    {
        if (Ttl < TimeSpan.FromSeconds(1) || Ttl > TimeSpan.FromDays(365))
            throw new HarborException(ErrorKind.Configuration, $"RedisCache.Ttl must be {TimeSpan.FromSeconds(1)} to {TimeSpan.FromDays(365)} (was {Ttl}).");
        if (string.IsNullOrWhiteSpace(Prefix) || Prefix.Length > 200)
            throw new HarborException(ErrorKind.Configuration, $"RedisCache.Prefix must be 1 to 200 characters (was {(string.IsNullOrWhiteSpace(Prefix) ? "empty" : $"{Prefix.Length} characters")}).");

        // What stands between braces decides the hash slot: all entries would lie on one node.
        if (Prefix.AsSpan().ContainsAny('{', '}')) throw new HarborException(ErrorKind.Configuration, $"RedisCache.Prefix must not have braces (was '{Prefix}').");
        return new RedisCacheOptions { Ttl = Ttl, Prefix = Prefix };
    }
}
