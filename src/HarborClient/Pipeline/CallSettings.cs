using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>The settings of one call after its options, its <c>harbor.*</c> keys, its alias and the client have been asked, in that order. Immutable.</summary>
public sealed class CallSettings
{
    private static readonly HarborChatOptions EmptyOptions = new();

    private PerformanceMode _mode;
    private TimeSpan _totalTimeout;
    private CallPriority _priority;
    private bool _isLocalOnly;

    // The same settings in each mode, made when first asked for. Two threads may make one each: they are equal.
    private CallSettings?[]? _inModes;

    /// <summary>The recipe the call runs through.</summary>
    public PerformanceMode Mode { get => _mode; init => _mode = value; }

    /// <summary>Longest duration of the call.</summary>
    public TimeSpan TotalTimeout { get => _totalTimeout; init => _totalTimeout = value; }

    /// <summary>Longest wait for the first update; <see langword="null"/> when neither the call nor its alias set one.</summary>
    public TimeSpan? FirstUpdateTimeout { get; init; }

    /// <summary>Longest silence; <see langword="null"/> when neither the call nor its alias set one.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>What happens when a stream breaks; <see langword="null"/> (Fail) when neither the call nor its alias set it.</summary>
    public MidStreamPolicy? MidStream { get; init; }

    /// <summary>How the call uses the response cache.</summary>
    public CachePolicy Cache { get; init; }

    /// <summary>How long a stored answer lives.</summary>
    public TimeSpan? CacheTtl { get; init; }

    /// <summary>Answers are shared only between calls of one scope.</summary>
    public string? CacheScope { get; init; }

    /// <summary>The tenant the call belongs to.</summary>
    public string? Tenant { get; init; }

    /// <summary>The user the call belongs to.</summary>
    public string? User { get; init; }

    /// <summary>Calls with the same value prefer the same host.</summary>
    public string? Affinity { get; init; }

    /// <summary>Who goes first when calls have to wait.</summary>
    public CallPriority Priority { get => _priority; init => _priority = value; }

    /// <summary>Free labels.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>How sensitive the content is.</summary>
    public DataClass? DataClass { get; init; }

    /// <summary>The only targets that may see the call.</summary>
    public IReadOnlyList<string>? AllowedTargets { get; init; }

    /// <summary>Whether only one's own hosts may see the call, because its alias, its tenant or its data class says so.</summary>
    public bool IsLocalOnly { get => _isLocalOnly; init => _isLocalOnly = value; }

    /// <summary>What keeps calls of this client at home; the same for all.</summary>
    internal LocalRules? Local { get; init; }

    /// <summary>Which interface of OpenAI's the call uses; <see langword="null"/> (the provider's) when neither the call nor its alias set it.</summary>
    public OpenAIApi? OpenAIApi { get; init; }

    /// <summary>Whether a plain call has to be streamed upstream for these settings to work.</summary>
    internal bool NeedsStream => FirstUpdateTimeout is not null || IdleTimeout is not null || MidStream is MidStreamPolicy.Restart or MidStreamPolicy.Continue;

    /// <summary>Lays a call's own settings over the alias's and the client's. Returns <paramref name="client"/> itself where nothing differs.</summary>
    internal static CallSettings Resolve(CallSettings client, HarborChatOptions? alias, HarborChatOptions? own, AdditionalPropertiesDictionary? properties)
    {
        HarborChatOptions? keys = HarborProperties.Read(properties);
        if (keys is null && alias is null)
        {
            if (own is null or { SaysOnlyMode: true, Mode: null }) return client;
            if (own is { SaysOnlyMode: true, Mode: PerformanceMode.Fast or PerformanceMode.Balanced or PerformanceMode.Full }) return client.In(own.Mode.Value);
        }

        HarborChatOptions none = EmptyOptions;
        return Merge(client, own ?? none, keys ?? none, alias ?? none);
    }

    private static CallSettings Merge(CallSettings client, HarborChatOptions own, HarborChatOptions keys, HarborChatOptions alias)
    {
        Validate(own);
        Validate(keys);
        IDictionary<string, string>? tags = own.Tags ?? keys.Tags ?? alias.Tags;
        string? tenant = own.Tenant ?? keys.Tenant ?? alias.Tenant;
        DataClass? dataClass = own.DataClass ?? keys.DataClass ?? alias.DataClass;
        IList<string>? allowed = own.AllowedTargets ?? keys.AllowedTargets ?? alias.AllowedTargets;
        return new CallSettings
        {
            Mode = own.Mode ?? keys.Mode ?? alias.Mode ?? client.Mode,
            TotalTimeout = own.TotalTimeout ?? keys.TotalTimeout ?? alias.TotalTimeout ?? client.TotalTimeout,
            FirstUpdateTimeout = own.FirstUpdateTimeout ?? keys.FirstUpdateTimeout ?? alias.FirstUpdateTimeout,
            IdleTimeout = own.IdleTimeout ?? keys.IdleTimeout ?? alias.IdleTimeout,
            MidStream = own.MidStream ?? keys.MidStream ?? alias.MidStream,
            Cache = own.Cache ?? keys.Cache ?? alias.Cache ?? client.Cache,
            CacheTtl = own.CacheTtl ?? keys.CacheTtl ?? alias.CacheTtl,
            CacheScope = own.CacheScope ?? keys.CacheScope ?? alias.CacheScope,
            Tenant = tenant,
            User = own.User ?? keys.User ?? alias.User,
            Affinity = own.Affinity ?? keys.Affinity ?? alias.Affinity,
            Priority = own.Priority ?? keys.Priority ?? alias.Priority ?? client.Priority,
            Tags = tags is null ? null : new Dictionary<string, string>(tags),
            DataClass = dataClass,
            IsLocalOnly = alias.KeepsLocal || client.Local?.Keep(tenant, dataClass) == true,
            Local = client.Local,
            AllowedTargets = allowed is null ? null : [.. allowed],
            OpenAIApi = own.OpenAIApi ?? keys.OpenAIApi ?? alias.OpenAIApi,
        };
    }

    /// <summary>Whether a target may see the call.</summary>
    internal bool Permits(Target target) =>
        (!IsLocalOnly || target.IsLocal) && (AllowedTargets is not { } allowed || allowed.Contains(target.Name) || allowed.Contains(target.Provider));

    /// <summary>Those of the targets that may see the call, in their order; at least one.</summary>
    internal IReadOnlyList<Target> Permitted(IReadOnlyList<Target> targets, string model) =>
        AllowedTargets is null && !IsLocalOnly ? targets : Choose(targets, model);

    /// <summary>A method of its own, so that a call that is not restricted allocates nothing here.</summary>
    private Target[] Choose(IReadOnlyList<Target> targets, string model)
    {
        Target[] permitted = [.. targets.Where(Permits)];
        return permitted.Length > 0 ? permitted : throw ErrorFactory.NoPermittedTarget(model, targets.Select(target => target.Name), AllowedTargets, IsLocalOnly);
    }

    /// <summary>The same settings in another mode. Many callers set nothing else, call by call.</summary>
    private CallSettings In(PerformanceMode mode)
    {
        if (mode == Mode) return this;
        CallSettings?[] modes = _inModes ??= new CallSettings?[Enum.GetValues<PerformanceMode>().Length];
        if (modes[(int)mode] is { } known) return known;
        CallSettings copy = Copy();
        copy._mode = mode;
        return modes[(int)mode] = copy;
    }

    /// <summary>The same settings with another priority.</summary>
    internal CallSettings At(CallPriority priority)
    {
        CallSettings copy = Copy();
        copy._priority = priority;
        return copy;
    }

    /// <summary>Whose a call is and who may see it, as the options of another that is made for it.</summary>
    internal HarborChatOptions Belongings() => new()
    {
        Tenant = Tenant,
        User = User,
        CacheScope = CacheScope,
        DataClass = DataClass,
        AllowedTargets = AllowedTargets is null ? null : [.. AllowedTargets],
        Priority = Priority,
        Tags = Tags is null ? null : new Dictionary<string, string>(Tags),
    };

    /// <summary>The same settings of a call that must not leave one's own hosts.</summary>
    internal CallSettings AtHome()
    {
        if (IsLocalOnly) return this;
        CallSettings copy = Copy();
        copy._isLocalOnly = true;
        return copy;
    }

    /// <summary>Whether two calls may share an answer, if their requests are the same: who may be asked, and what happens when an answer breaks, is the same.</summary>
    internal bool AsksLike(CallSettings other) => ReferenceEquals(this, other)
        || (Mode == other.Mode && FirstUpdateTimeout == other.FirstUpdateTimeout && IdleTimeout == other.IdleTimeout && MidStream == other.MidStream && IsLocalOnly == other.IsLocalOnly
            && DataClass == other.DataClass && CacheTtl == other.CacheTtl && AreLike(Tags, other.Tags) && (AllowedTargets ?? []).SequenceEqual(other.AllowedTargets ?? []));

    /// <summary>The same settings with another duration.</summary>
    internal CallSettings Within(TimeSpan total)
    {
        if (total == _totalTimeout) return this;
        CallSettings copy = Copy();
        copy._totalTimeout = total;
        return copy;
    }

    private CallSettings Copy()
    {
        var copy = (CallSettings)MemberwiseClone();
        copy._inModes = null;
        return copy;
    }

    /// <summary>Whether two calls may share one request: everything but their durations is the same.</summary>
    internal bool IsLike(CallSettings other) => ReferenceEquals(this, other)
        || (Mode == other.Mode && FirstUpdateTimeout == other.FirstUpdateTimeout && IdleTimeout == other.IdleTimeout && MidStream == other.MidStream
            && Cache == other.Cache && CacheTtl == other.CacheTtl && CacheScope == other.CacheScope && Tenant == other.Tenant && User == other.User
            && Affinity == other.Affinity && Priority == other.Priority && DataClass == other.DataClass && OpenAIApi == other.OpenAIApi && IsLocalOnly == other.IsLocalOnly && AreLike(Tags, other.Tags)
            && (AllowedTargets ?? []).SequenceEqual(other.AllowedTargets ?? []));

    private static bool AreLike(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other)
    {
        if ((one?.Count ?? 0) != (other?.Count ?? 0)) return false;
        return one is null || one.All(tag => other!.TryGetValue(tag.Key, out string? value) && value == tag.Value);
    }

    internal static void Validate(HarborChatOptions options, ErrorKind kind = ErrorKind.InvalidRequest)
    {
        SettingCheck.Defined(options.Mode, nameof(options.Mode), kind);
        SettingCheck.Defined(options.MidStream, nameof(options.MidStream), kind);
        SettingCheck.Defined(options.Cache, nameof(options.Cache), kind);
        SettingCheck.Defined(options.Priority, nameof(options.Priority), kind);
        SettingCheck.Defined(options.DataClass, nameof(options.DataClass), kind);
        SettingCheck.Defined(options.OpenAIApi, nameof(options.OpenAIApi), kind);
        SettingCheck.Clock(options.TotalTimeout, nameof(options.TotalTimeout), SettingCheck.OneDay, kind);
        SettingCheck.Clock(options.FirstUpdateTimeout, nameof(options.FirstUpdateTimeout), SettingCheck.OneHour, kind);
        SettingCheck.Clock(options.IdleTimeout, nameof(options.IdleTimeout), SettingCheck.OneHour, kind);
        if (options.CacheTtl <= TimeSpan.Zero) throw ErrorFactory.Setting(kind, $"CacheTtl must be positive (was {options.CacheTtl}).");
    }
}
