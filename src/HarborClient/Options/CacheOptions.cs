using HarborClient.Errors;

namespace HarborClient;

/// <summary>What is kept of answers and for whom, whatever the level. In configuration: <c>Cache</c>.</summary>
public sealed class CacheOptions
{
    /// <summary>The policy of calls that name none.</summary>
    /// <value>Default <see cref="CachePolicy.Auto"/>: only what is deterministic, that is a temperature of 0 or a seed.</value>
    public CachePolicy Policy { get; set; } = CachePolicy.Auto;

    /// <summary>Whether answers that call tools are kept too.</summary>
    /// <value>Default <see langword="false"/>: what a tool does when it is called again is not known here.</value>
    public bool StoresToolCalls { get; set; }

    /// <summary>The lowest class of content that is never kept, nor looked up. Calls that say no class are kept.</summary>
    /// <value>Default <see langword="null"/>: every class is kept.</value>
    public DataClass? NeverStoreFrom { get; set; }

    /// <summary>How long the time to live of an entry may deviate, as a share of it, so that entries made together do not expire together.</summary>
    /// <value>Default 0.1; 0 to 0.5.</value>
    public double TtlJitter { get; set; } = 0.1;

    /// <summary>When a hit has the entry made anew behind the caller, as a share of its time to live. One call refreshes it; the others are answered from the entry.</summary>
    /// <value>Default 0.9; 0.5 to 1. At 1 nothing is refreshed before it expires.</value>
    public double RefreshAfter { get; set; } = 0.9;

    /// <summary>How long an expired answer may still serve while the provider is down; such an answer is marked as stale. It has to be in this process's memory still: what has expired below is not used.</summary>
    /// <value>Default zero: never; up to 30 days.</value>
    public TimeSpan StaleFor { get; set; }

    /// <summary>How long a deterministic refusal (the request is wrong, the model does not exist, the prompt is too long) is remembered, and answered without asking again.</summary>
    /// <value>Default zero: not at all; up to 5 min.</value>
    public TimeSpan NegativeTtl { get; set; }

    /// <summary>How fast a kept answer is replayed to who streams it, in characters a second.</summary>
    /// <value>Default 0: at once; up to 100,000.</value>
    public int ReplayCharactersPerSecond { get; set; }

    internal CacheOptions Validated()
    {
        SettingCheck.Defined<CachePolicy>(Policy, "Cache.Policy");
        SettingCheck.Defined(NeverStoreFrom, "Cache.NeverStoreFrom");
        if (Policy == CachePolicy.Only) throw ErrorFactory.Setting(ErrorKind.Configuration, "Cache.Policy cannot be Only: nothing would ever be asked. Set it on a call or an alias.");
        SettingCheck.Share(TtlJitter, 0, 0.5, "Cache.TtlJitter");
        SettingCheck.Share(RefreshAfter, 0.5, 1, "Cache.RefreshAfter");
        SettingCheck.Range(StaleFor, TimeSpan.Zero, TimeSpan.FromDays(30), "Cache.StaleFor");
        SettingCheck.Range(NegativeTtl, TimeSpan.Zero, TimeSpan.FromMinutes(5), "Cache.NegativeTtl");
        SettingCheck.Range(ReplayCharactersPerSecond, 0, 100_000, "Cache.ReplayCharactersPerSecond");
        return (CacheOptions)MemberwiseClone();
    }
}
