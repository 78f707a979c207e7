using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary><see cref="ChatOptions"/> with the settings that only HarborClient has. Anything left <see langword="null"/> comes from the alias, then from the client.</summary>
/// <remarks>
/// A caller behind middleware that rebuilds the options gives the same settings through <see cref="ChatOptions.AdditionalProperties"/> under
/// <c>harbor.*</c> keys (<c>harbor.mode</c>, <c>harbor.total_timeout</c>, …): those keys never reach the wire, and an unknown one is an InvalidRequest.
/// Not thread-safe while being changed; a call reads it once, before it starts.
/// </remarks>
public class HarborChatOptions : ChatOptions
{
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
        TotalTimeout = other.TotalTimeout;
        FirstUpdateTimeout = other.FirstUpdateTimeout;
        IdleTimeout = other.IdleTimeout;
        MidStream = other.MidStream;
        Cache = other.Cache;
        CacheTtl = other.CacheTtl;
        CacheScope = other.CacheScope;
        Tenant = other.Tenant;
        User = other.User;
        Affinity = other.Affinity;
        Priority = other.Priority;
        Tags = other.Tags is null ? null : new Dictionary<string, string>(other.Tags);
        DataClass = other.DataClass;
        AllowedTargets = other.AllowedTargets is null ? null : [.. other.AllowedTargets];
        OpenAIApi = other.OpenAIApi;
    }

    /// <summary>The recipe this call runs through.</summary>
    /// <value>Default: the alias's, then the client's (<see cref="HarborBuilder.UseMode"/>).</value>
    public PerformanceMode? Mode { get; set; }

    /// <summary>Longest duration of the call, all attempts and waits included.</summary>
    /// <value>Default: <see cref="ClockOptions.TotalTimeout"/>; 100 ms to 24 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? TotalTimeout { get; set; }

    /// <summary>Longest wait for the first update; set on a plain call it makes that call stream upstream.</summary>
    /// <value>Default: <see cref="ClockOptions.FirstUpdateTimeout"/>; 100 ms to 1 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? FirstUpdateTimeout { get; set; }

    /// <summary>Longest silence between two events; set on a plain call it makes that call stream upstream.</summary>
    /// <value>Default: <see cref="ClockOptions.IdleTimeout"/>; 100 ms to 1 h, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>What happens when a stream breaks after its first update; Restart or Continue on a plain call make that call stream upstream, and start over unseen.</summary>
    /// <value>Default <see cref="MidStreamPolicy.Fail"/> in every mode.</value>
    public MidStreamPolicy? MidStream { get; set; }

    /// <summary>How the call uses the response cache.</summary>
    /// <value>Default <see cref="CachePolicy.Auto"/>.</value>
    public CachePolicy? Cache { get; set; }

    /// <summary>How long a stored answer lives.</summary>
    /// <value>Default <see langword="null"/>: the cache's own. Without a cache it has no effect.</value>
    public TimeSpan? CacheTtl { get; set; }

    /// <summary>Answers are shared only between calls of one scope.</summary>
    /// <value>Default <see langword="null"/>: one scope for all. Without a cache it has no effect.</value>
    public string? CacheScope { get; set; }

    /// <summary>The tenant the call belongs to, for the limits, budgets and reports to come. Never sent to a provider.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? Tenant { get; set; }

    /// <summary>The user the call belongs to, for the limits, budgets and reports to come. Never sent to a provider.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? User { get; set; }

    /// <summary>Calls with the same value prefer the same host.</summary>
    /// <value>Default <see langword="null"/>: any host. No effect yet: there are no pools of hosts.</value>
    public string? Affinity { get; set; }

    /// <summary>Who goes first when calls have to wait.</summary>
    /// <value>Default <see cref="CallPriority.Normal"/>. No effect yet: no call has to wait.</value>
    public CallPriority? Priority { get; set; }

    /// <summary>Free labels for the reports to come. Never sent to a provider.</summary>
    /// <value>Default <see langword="null"/>: none. Copied when the call starts.</value>
    public IDictionary<string, string>? Tags { get; set; }

    /// <summary>How sensitive the content is.</summary>
    /// <value>Default <see langword="null"/>: not said. No rule looks at it yet: use <see cref="AllowedTargets"/> to keep content from a target.</value>
    public DataClass? DataClass { get; set; }

    /// <summary>The only targets (<c>provider/model</c>, or a provider's name alone) that may see the call.</summary>
    /// <value>Default <see langword="null"/>: all of the alias. With none of them left the call fails as <see cref="ErrorKind.NoPermittedTarget"/> and nothing is sent.</value>
    public IList<string>? AllowedTargets { get; set; }

    /// <summary>Which interface the call uses at OpenAI, Azure OpenAI and local hosts. Other providers have one only.</summary>
    /// <value>Default <see langword="null"/>: the provider's (<see cref="OpenAIOptions.Api"/>).</value>
    public OpenAIApi? OpenAIApi { get; set; }

    /// <summary>Whether nothing but the mode is set here.</summary>
    internal bool SaysOnlyMode => TotalTimeout is null && FirstUpdateTimeout is null && IdleTimeout is null && MidStream is null && Cache is null && CacheTtl is null
        && CacheScope is null && Tenant is null && User is null && Affinity is null && Priority is null && Tags is null && DataClass is null && AllowedTargets is null && OpenAIApi is null;

    /// <inheritdoc/>
    public override ChatOptions Clone() => new HarborChatOptions(this);
}
