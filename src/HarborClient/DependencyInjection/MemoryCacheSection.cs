namespace HarborClient.DependencyInjection;

/// <summary>The MemoryCache section; what it leaves out stays as code set it.</summary>
internal sealed class MemoryCacheSection
{
    public long? SizeLimitBytes { get; set; }

    public TimeSpan? Ttl { get; set; }

    internal void ApplyTo(MemoryCacheOptions options)
    {
        options.SizeLimitBytes = SizeLimitBytes ?? options.SizeLimitBytes;
        options.Ttl = Ttl ?? options.Ttl;
    }
}
