using HarborClient.Errors;
using HarborClient.Routing;

namespace HarborClient;

/// <content>Names for models, and the chance that decides between them.</content>
public sealed partial class HarborBuilder
{
    private readonly Dictionary<string, ModelMapBuilder> _models = new(StringComparer.Ordinal);
    private int? _seed;

    /// <summary>Gives a name to an ordered list of targets: the first that answers serves the call.</summary>
    /// <param name="alias">The name. Mapping it again replaces it.</param>
    /// <param name="targets">Models as <c>provider/model</c>, in order of preference.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder MapModel(string alias, params string[] targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return MapModel(alias, map =>
        {
            foreach (string target in targets) map.Target(target);
        });
    }

    /// <summary>Gives a name to targets, to rules about them and to the settings of its calls.</summary>
    /// <param name="alias">The name. Mapping it again replaces it.</param>
    /// <param name="configure">Adds targets, rules and defaults.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder MapModel(string alias, Action<ModelMapBuilder> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(alias);
        ArgumentNullException.ThrowIfNull(configure);
        var map = new ModelMapBuilder();
        configure(map);
        _models[alias] = map;
        return this;
    }

    /// <summary>Makes chance repeatable: the same calls in the same order are balanced, backed off and drawn the same way.</summary>
    /// <param name="seed">Any number. Without one, chance is the process's own.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder UseRandomSeed(int seed) => With(() => _seed = seed);

    private List<AliasDefinition> DefineModels()
    {
        var models = new List<AliasDefinition>(_models.Count);
        foreach ((string alias, ModelMapBuilder map) in _models)
        {
            if (map.Defaults is { } defaults) CallSettings.Validate(defaults, ErrorKind.Configuration);
            if (map.SettingsWithoutEffect().FirstOrDefault() is { } lost)
            {
                throw ErrorFactory.Setting(
                    ErrorKind.Configuration,
                    $"MapModel(\"{alias}\").WithDefaults sets {lost}, which has no effect there: an alias has defaults only for what HarborChatOptions adds. Set it per call.");
            }

            if (alias.Any(char.IsControl)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel has an alias with a control character: '{ErrorFactory.Quote(alias)}'.");
            if (_providers.Any(provider => string.Equals(provider.Name, alias, StringComparison.OrdinalIgnoreCase)))
                throw ErrorFactory.Setting(ErrorKind.Configuration, $"MapModel(\"{alias}\") has the name of a provider; choose another.");
            models.Add(map.Define(alias) with { Hedging = HedgingOf(alias, map) });
        }

        return models;
    }
}
