using System.Collections.Frozen;
using HarborClient.Errors;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>The services and models of the local provider, validated and copied. Immutable.</summary>
internal sealed class LocalServices
{
    private readonly FrozenDictionary<string, LocalService> _byName;
    private readonly FrozenDictionary<string, LocalService> _byModel;
    private readonly FrozenDictionary<string, ZhipuLocalProfile> _profiles;

    private LocalServices(Dictionary<string, LocalService> byName, Dictionary<string, LocalService> byModel, IDictionary<string, ZhipuLocalProfile> profiles)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _byModel = byModel.ToFrozenDictionary(StringComparer.Ordinal);
        _profiles = profiles.ToFrozenDictionary(StringComparer.Ordinal);
    }

    internal IEnumerable<LocalService> All => _byName.Values;

    internal static LocalServices From(ZhipuLocalOptions options, string section)
    {
        var byName = new Dictionary<string, LocalService>(StringComparer.Ordinal);
        var byModel = new Dictionary<string, LocalService>(StringComparer.Ordinal);
        foreach ((string name, ZhipuLocalServiceOptions settings) in options.Services)
        {
            string setting = $"{section}.Services.{ErrorFactory.Quote(name, 100)}";
            if (settings is null) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} is null.");
            byName.Add(name, LocalService.From(name, settings, setting));
        }

        foreach (LocalService service in byName.Values)
        {
            foreach (string model in service.Models)
            {
                if (string.IsNullOrEmpty(model) || model.Any(char.IsControl)) throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Services.{service.Name}.Models has an entry that is no model's id.");
                if ((byName.TryGetValue(model, out LocalService? other) || byModel.TryGetValue(model, out other)) && other != service)
                    throw ErrorFactory.Setting(ErrorKind.Configuration, $"{section}.Services: the model '{ErrorFactory.Quote(model, 100)}' belongs to '{other.Name}' and to '{service.Name}'.");
                byModel[model] = service;
            }
        }

        foreach ((string model, ZhipuLocalProfile profile) in options.Profiles) SettingCheck.Defined<ZhipuLocalProfile>(profile, $"{section}.Profiles['{ErrorFactory.Quote(model, 100)}']");
        return new LocalServices(byName, byModel, options.Profiles);
    }

    /// <summary>The service of a model: by what it lists, or by its name, which may be followed by a path; null for the provider's endpoint.</summary>
    internal LocalService? Find(string model)
    {
        if (_byName.Count == 0) return null;
        if (_byModel.TryGetValue(model, out LocalService? service) || _byName.TryGetValue(model, out service)) return service;
        int slash = model.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? _byName.GetValueOrDefault(model[..slash]) : null;
    }

    internal bool Serves(string model) => _byModel.ContainsKey(model);

    internal ZhipuLocalProfile ProfileOf(string model) =>
        _profiles.TryGetValue(model, out ZhipuLocalProfile profile) ? profile : Find(model)?.Profile ?? LocalDialects.ProfileOf(model);

    /// <summary>Whether a name begins with the service's own.</summary>
    internal static bool IsOf(LocalService service, string model) =>
        model == service.Name || (model.StartsWith(service.Name, StringComparison.Ordinal) && model[service.Name.Length] == '/');
}
