using System.Collections.Concurrent;
using HarborClient.Errors;

namespace HarborClient.Routing;

/// <summary>
/// Finds the targets of a model name: an alias; <c>provider/model</c>, where the first segment is a registered provider; a provider's name alone, for its
/// default model; or a bare id that exactly one provider is known to serve. Thread-safe.
/// </summary>
internal sealed class ModelResolver
{
    /// <summary>Names that were resolved once are remembered, up to this many, so that a caller's invented names cannot fill the memory.</summary>
    private const int MaxRemembered = 1000;

    private readonly Dictionary<string, ProviderEntry> _providers;
    private readonly HealthTable _health;
    private readonly Dictionary<string, ModelAlias> _aliases = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelAlias> _resolved = new(StringComparer.Ordinal);

    internal ModelResolver(IEnumerable<ProviderEntry> providers, IReadOnlyList<AliasDefinition> definitions, HealthTable health)
    {
        _health = health;
        _providers = providers.ToDictionary(provider => provider.Name, StringComparer.Ordinal);
        foreach ((string alias, IReadOnlyList<string> names, HarborChatOptions? defaults, bool isOneModel) in definitions)
        {
            foreach (string name in names) RefuseControlCharacters(name, ErrorKind.Configuration, $"A target of MapModel(\"{alias}\")");
            if (names.Count == 0) throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias}\") names no target; in configuration, 'Models:{alias}' has to be an array of targets.");
            Target[] targets = [.. names.Select(name => DirectTarget(name)
                ?? throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias}\") names the unknown target '{ErrorFactory.Quote(name)}'. {WhatExists()}"))];
            _aliases.Add(alias, new ModelAlias(targets, defaults, isOneModel || targets.All(target => target.Model == targets[0].Model)));
        }
    }

    /// <summary>Resolves a name.</summary>
    /// <exception cref="HarborException">Nothing has this name; the message lists what exists.</exception>
    internal ModelAlias Resolve(string model, ErrorKind kind = ErrorKind.NotFound)
    {
        RefuseControlCharacters(model, kind == ErrorKind.NotFound ? ErrorKind.InvalidRequest : kind, "The default model or the call's model");
        if (_aliases.TryGetValue(model, out ModelAlias? alias) || _resolved.TryGetValue(model, out alias)) return alias;
        Target target = DirectTarget(model) ?? throw ErrorFactory.Setting(kind, $"Unknown model '{ErrorFactory.Quote(model)}'. {WhatExists()}");
        var single = new ModelAlias([target], null);
        if (_resolved.Count < MaxRemembered) _resolved.TryAdd(model, single);
        return single;
    }

    /// <summary>Resolves the name of an embedding model: vectors of two models cannot be compared, so its targets have to be one.</summary>
    /// <exception cref="HarborException">Nothing has this name, or its targets are several models (Configuration).</exception>
    internal ModelAlias ResolveEmbedding(string model, ErrorKind kind = ErrorKind.NotFound)
    {
        ModelAlias alias = Resolve(model, kind);
        if (alias.IsOneEmbeddingModel) return alias;
        throw ErrorFactory.Setting(
            ErrorKind.Configuration,
            $"'{ErrorFactory.Quote(model)}' cannot be used for embeddings: its targets are different models ({ErrorFactory.List(alias.Targets.Select(target => target.Name))}), whose vectors cannot be "
            + "compared. Map an alias with one model, or say with MapModel(…, map => map.IsOneEmbeddingModel()) that these ids name the same model.");
    }

    /// <summary>Names go into messages, logs and metrics, where a line break would forge a line.</summary>
    private static void RefuseControlCharacters(string name, ErrorKind kind, string what)
    {
        if (name.Any(char.IsControl)) throw ErrorFactory.Setting(kind, $"{what} has a control character: '{ErrorFactory.Quote(name)}'.");
    }

    private Target? DirectTarget(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash + 1 < name.Length && _providers.TryGetValue(name[..slash], out ProviderEntry? provider)) return TargetAt(provider, name[(slash + 1)..]);
        if (_providers.TryGetValue(name, out provider) && provider.DefaultModel is { } model) return TargetAt(provider, model);
        ProviderEntry[] serving = [.. _providers.Values.Where(candidate => candidate.Serves(name))];
        return serving.Length == 1 ? TargetAt(serving[0], name) : null;
    }

    private Target TargetAt(ProviderEntry provider, string model) =>
        new(provider.Name, model, provider.IsLocal, provider.System, provider.EndpointOf(model), _health.Of(provider, model));

    private string WhatExists() =>
        $"Aliases: {ErrorFactory.List(_aliases.Keys.Order(StringComparer.Ordinal))}. Providers: {ErrorFactory.List(_providers.Keys.Order(StringComparer.Ordinal))}. "
        + "Write 'provider/model', or map a name with MapModel; a bare id works when exactly one provider is known to serve it.";
}
