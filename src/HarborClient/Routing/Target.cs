using HarborClient.Routing;

namespace HarborClient;

/// <summary>A model at a provider: where an attempt can be sent. Immutable.</summary>
public sealed class Target
{
    internal Target(string provider, string model, bool isLocal, string system, Uri endpoint, TargetHealth health)
    {
        Provider = provider;
        Model = model;
        IsLocal = isLocal;
        System = system;
        Endpoint = endpoint;
        Health = health;
        Name = $"{provider}/{model}";
    }

    /// <summary>Provider and model, as in <c>openai/gpt-4o-mini</c>.</summary>
    public string Name { get; }

    /// <summary>The registered name of the provider.</summary>
    public string Provider { get; }

    /// <summary>The model's id at that provider.</summary>
    public string Model { get; }

    /// <summary>Whether the host is one's own.</summary>
    public bool IsLocal { get; }

    /// <summary>The API root of the provider.</summary>
    public Uri Endpoint { get; }

    /// <summary>Whether it can continue an answer that another one began.</summary>
    internal bool ContinuesAnswers { get; init; }

    /// <summary>OpenTelemetry's <c>gen_ai.provider.name</c>.</summary>
    internal string System { get; }

    /// <summary>Shared by all targets of this name.</summary>
    internal TargetHealth Health { get; }

    /// <summary>How it does for its alias; null where the alias asks its targets in one order and nobody besides. Set while the client is built.</summary>
    internal VariantFigures? Variant { get; set; }

    /// <summary>What it costs; looked up when first needed, and again when prices change. Two threads may look it up: they find the same.</summary>
    internal Costs.PriceTag? Price { get; set; }

    /// <summary>What the keys of kept answers begin with, by kind; made when first needed. Two threads may make one each: they are equal.</summary>
    internal string? ChatSpace { get; set; }

    internal string? EmbeddingSpace { get; set; }

    /// <summary>What all requests to this target have in common in the bytes that keys are made of.</summary>
    internal byte[]? KeyPrefix { get; set; }

    internal byte[]? EmbeddingKeyPrefix { get; set; }

    /// <summary>The credential for a request that is no attempt.</summary>
    internal int NextCredential => Health.PickRoute()?.Credential ?? 0;

    /// <summary>The tuned micro-batch; null where it is not tuned, and while nobody is sent there.</summary>
    internal int? SuggestedBatch => Health.SuggestedBatch is { } batch && Health.IsReady ? batch : null;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
