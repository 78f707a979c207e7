using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary><see cref="ChatOptions"/> with the settings that only HarborClient has. Anything left <see langword="null"/> comes from the alias, then from the client.</summary>
/// <remarks>
/// A caller behind middleware that rebuilds the options gives the same settings through <see cref="ChatOptions.AdditionalProperties"/> under
/// <c>harbor.*</c> keys (<c>harbor.mode</c>, <c>harbor.total_timeout</c>, …): those keys never reach the wire, and an unknown one is an InvalidRequest.
/// Not thread-safe while being changed. HarborClient's own settings are read when the call starts, those of <see cref="ChatOptions"/> for each attempt: do not
/// change them while a call runs.
/// </remarks>
public class HarborChatOptions : ChatOptions
{
    // Most calls set none of these: together they are larger than all the rest.
    private FurtherSettings? _further;

    /// <summary>Creates options with nothing set.</summary>
    public HarborChatOptions()
    {
    }

    /// <summary>Copies another instance, as <see cref="Clone"/> does.</summary>
    /// <param name="other">What to copy; <see langword="null"/> copies nothing.</param>
    protected HarborChatOptions(HarborChatOptions? other) : base(other)
    {
        if (other is null) return;
        Mode = other.Mode;
        _further = other._further?.Copy();
    }

    /// <summary>The recipe this call runs through.</summary>
    /// <value>Default: the alias's, then the client's (<see cref="HarborBuilder.UseMode"/>).</value>
    public PerformanceMode? Mode { get; set; }

    /// <summary>Longest duration of the call, all attempts and waits included.</summary>
    /// <value>Default: <see cref="ClockOptions.TotalTimeout"/>; 100 ms to 24 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? TotalTimeout
    {
        get => _further?.TotalTimeout;
        set => Further.TotalTimeout = value;
    }

    /// <summary>Longest wait for the first update; set on a plain call it makes that call stream upstream.</summary>
    /// <value>Default: <see cref="ClockOptions.FirstUpdateTimeout"/>; 100 ms to 1 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? FirstUpdateTimeout
    {
        get => _further?.FirstUpdateTimeout;
        set => Further.FirstUpdateTimeout = value;
    }

    /// <summary>Longest silence between two events; set on a plain call it makes that call stream upstream.</summary>
    /// <value>Default: <see cref="ClockOptions.IdleTimeout"/>; 100 ms to 1 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? IdleTimeout
    {
        get => _further?.IdleTimeout;
        set => Further.IdleTimeout = value;
    }

    /// <summary>What happens when a stream breaks after its first update; Restart or Continue on a plain call make that call stream upstream, and start over unseen.</summary>
    /// <value>Default <see cref="MidStreamPolicy.Fail"/> in every mode.</value>
    public MidStreamPolicy? MidStream
    {
        get => _further?.MidStream;
        set => Further.MidStream = value;
    }

    /// <summary>How the call uses the response cache.</summary>
    /// <value>Default <see cref="CachePolicy.Auto"/>.</value>
    public CachePolicy? Cache
    {
        get => _further?.Cache;
        set => Further.Cache = value;
    }

    /// <summary>How long a stored answer lives.</summary>
    /// <value>Default <see langword="null"/>: each cache level's own. More than zero; more than 365 days count as 365 days.</value>
    public TimeSpan? CacheTtl
    {
        get => _further?.CacheTtl;
        set => Further.CacheTtl = value;
    }

    /// <summary>Answers are shared only between calls of one scope.</summary>
    /// <value>Default <see langword="null"/>: one scope for all; tenants are apart in any case.</value>
    public string? CacheScope
    {
        get => _further?.CacheScope;
        set => Further.CacheScope = value;
    }

    /// <summary>The tenant the call belongs to. Never sent to a provider.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    /// <remarks>It has kept answers, rows of reports (<see cref="CostGroup.Tenant"/>), budgets (<see cref="BudgetOptions"/>) and limits of its own (<see cref="HarborBuilder.UseCallerLimits"/>), may have to stay local (<see cref="HarborBuilder.KeepTenantsLocal"/>), and takes turns with others where calls wait.</remarks>
    public string? Tenant
    {
        get => _further?.Tenant;
        set => Further.Tenant = value;
    }

    /// <summary>The user the call belongs to. Never sent to a provider.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    /// <remarks>Has rows of reports (<see cref="CostGroup.User"/>), budgets (<see cref="BudgetOptions"/>) and limits of its own (<see cref="HarborBuilder.UseCallerLimits"/>), and sees one variant of an alias that is <see cref="ModelMapBuilder.StickyByUser"/>.</remarks>
    public string? User
    {
        get => _further?.User;
        set => Further.User = value;
    }

    /// <summary>Calls with the same value ask the same target first, where their alias balances (<see cref="ModelMapBuilder.Balance"/>) or is <see cref="ModelMapBuilder.StickyByUser"/> and names no user.</summary>
    /// <value>Default <see langword="null"/>: the alias decides.</value>
    public string? Affinity
    {
        get => _further?.Affinity;
        set => Further.Affinity = value;
    }

    /// <summary>Who goes first when calls have to wait.</summary>
    /// <value>Default <see cref="CallPriority.Normal"/>.</value>
    /// <remarks>Calls in Balanced and Full wait for a permit where the limits leave no room (<see cref="LimitOptions"/>). Who has waited for two seconds moves up by one.</remarks>
    public CallPriority? Priority
    {
        get => _further?.Priority;
        set => Further.Priority = value;
    }

    /// <summary>Free labels. Never sent to a provider. Reports (<see cref="CostGroup.Tag"/>) and budgets (<see cref="BudgetOptions.Tags"/>) tell calls apart by them, and a kept answer can be removed by them (<see cref="ResponseCache.InvalidateTagAsync"/>).</summary>
    /// <value>Default <see langword="null"/>: none. Copied when the call starts.</value>
    public IDictionary<string, string>? Tags
    {
        get => _further?.Tags;
        set => Further.Tags = value;
    }

    /// <summary>How sensitive the content is.</summary>
    /// <value>Default <see langword="null"/>: not said. <see cref="HarborBuilder.KeepLocal"/> keeps classes on one's own hosts.</value>
    public DataClass? DataClass
    {
        get => _further?.DataClass;
        set => Further.DataClass = value;
    }

    /// <summary>The only targets (<c>provider/model</c>, or a provider's name alone) that may see the call.</summary>
    /// <value>Default <see langword="null"/>: all of the alias. With none of them left the call fails as <see cref="ErrorKind.NoPermittedTarget"/> and nothing is sent.</value>
    public IList<string>? AllowedTargets
    {
        get => _further?.AllowedTargets;
        set => Further.AllowedTargets = value;
    }

    /// <summary>Which interface the call uses at OpenAI, Azure OpenAI and local hosts. Other providers have one only.</summary>
    /// <value>Default <see langword="null"/>: the provider's (<see cref="OpenAIOptions.Api"/>).</value>
    public OpenAIApi? OpenAIApi
    {
        get => _further?.OpenAIApi;
        set => Further.OpenAIApi = value;
    }

    /// <summary>Set on the defaults of an alias that stays on local hosts; a call cannot take it back.</summary>
    internal bool KeepsLocal
    {
        get => _further?.KeepsLocal == true;
        set => Further.KeepsLocal = value;
    }

    /// <summary>Whether nothing but the mode was set here.</summary>
    internal bool SaysOnlyMode => _further is null;

    private FurtherSettings Further => _further ??= new FurtherSettings();

    /// <inheritdoc/>
    public override ChatOptions Clone() => new HarborChatOptions(this);

    private sealed class FurtherSettings
    {
        internal TimeSpan? TotalTimeout { get; set; }

        internal TimeSpan? FirstUpdateTimeout { get; set; }

        internal TimeSpan? IdleTimeout { get; set; }

        internal MidStreamPolicy? MidStream { get; set; }

        internal CachePolicy? Cache { get; set; }

        internal TimeSpan? CacheTtl { get; set; }

        internal string? CacheScope { get; set; }

        internal string? Tenant { get; set; }

        internal string? User { get; set; }

        internal string? Affinity { get; set; }

        internal CallPriority? Priority { get; set; }

        internal IDictionary<string, string>? Tags { get; set; }

        internal DataClass? DataClass { get; set; }

        internal IList<string>? AllowedTargets { get; set; }

        internal OpenAIApi? OpenAIApi { get; set; }

        internal bool KeepsLocal { get; set; }

        internal FurtherSettings Copy()
        {
            var copy = (FurtherSettings)MemberwiseClone();
            copy.Tags = Tags is null ? null : new Dictionary<string, string>(Tags);
            copy.AllowedTargets = AllowedTargets is null ? null : [.. AllowedTargets];
            return copy;
        }
    }
}
