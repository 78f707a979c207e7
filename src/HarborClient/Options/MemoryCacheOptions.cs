using HarborClient.Errors;

namespace HarborClient;

/// <summary>Answers kept in this process's memory. In configuration: <c>MemoryCache</c>.</summary>
public sealed class MemoryCacheOptions
{
    /// <summary>How much memory the entries may take, as the client reckons it.</summary>
    /// <value>Default 64 MB (67,108,864); 0 to 1 TB. 0 switches this level off.</value>
    public long SizeLimitBytes { get; set; } = 64L << 20;

    /// <summary>How long an answer is kept where a call or an alias says nothing (<see cref="HarborChatOptions.CacheTtl"/>). Each entry's is a little shorter or longer (<see cref="CacheOptions.TtlJitter"/>), so that many do not expire together.</summary>
    /// <value>Default 5 min; 1 s to 365 days.</value>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(5);

    internal MemoryCacheOptions Validated()
    {
        SettingCheck.Range(SizeLimitBytes, 0, 1L << 40, "MemoryCache.SizeLimitBytes");
        SettingCheck.Range(Ttl, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365), "MemoryCache.Ttl");
        return new MemoryCacheOptions { SizeLimitBytes = SizeLimitBytes, Ttl = Ttl };
    }
}
