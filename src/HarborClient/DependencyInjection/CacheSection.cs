namespace HarborClient.DependencyInjection;

/// <summary>The Cache section; what it leaves out stays as code set it.</summary>
internal sealed class CacheSection
{
    public CachePolicy? Policy { get; set; }

    public bool? StoresToolCalls { get; set; }

    public DataClass? NeverStoreFrom { get; set; }

    public double? TtlJitter { get; set; }

    public double? RefreshAfter { get; set; }

    public TimeSpan? StaleFor { get; set; }

    public TimeSpan? NegativeTtl { get; set; }

    public int? ReplayCharactersPerSecond { get; set; }

    internal void ApplyTo(CacheOptions options)
    {
        options.Policy = Policy ?? options.Policy;
        options.StoresToolCalls = StoresToolCalls ?? options.StoresToolCalls;
        options.NeverStoreFrom = NeverStoreFrom ?? options.NeverStoreFrom;
        options.TtlJitter = TtlJitter ?? options.TtlJitter;
        options.RefreshAfter = RefreshAfter ?? options.RefreshAfter;
        options.StaleFor = StaleFor ?? options.StaleFor;
        options.NegativeTtl = NegativeTtl ?? options.NegativeTtl;
        options.ReplayCharactersPerSecond = ReplayCharactersPerSecond ?? options.ReplayCharactersPerSecond;
    }
}
