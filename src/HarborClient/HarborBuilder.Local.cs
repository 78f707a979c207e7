using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient;

/// <content>Data that must stay home.</content>
public sealed partial class HarborBuilder
{
    private readonly HashSet<string> _localTenants = new(StringComparer.Ordinal);
    private DataClass? _localFrom;

    /// <summary>Keeps calls whose <see cref="HarborChatOptions.DataClass"/> is this or stricter on one's own hosts (AddLocal, AddZhipuLocal and pools).</summary>
    /// <param name="from">The least sensitive class that stays.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// Such a call is not sent, retried, failed over or hedged anywhere else; where its model has no local target it fails with
    /// <see cref="ErrorKind.NoPermittedTarget"/>. A call without a data class is not concerned: give the alias LocalOnly() or a default DataClass.
    /// </remarks>
    public HarborBuilder KeepLocal(DataClass from)
    {
        SettingCheck.Defined<DataClass>(from, nameof(KeepLocal));
        return With(() => _localFrom = from);
    }

    /// <summary>Keeps all calls of these tenants on one's own hosts.</summary>
    /// <param name="tenants">Values of <see cref="HarborChatOptions.Tenant"/>, compared exactly.</param>
    /// <returns>This builder.</returns>
    public HarborBuilder KeepTenantsLocal(params string[] tenants)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        foreach (string tenant in tenants) ArgumentException.ThrowIfNullOrWhiteSpace(tenant, nameof(tenants));
        return With(() => _localTenants.UnionWith(tenants));
    }

    private LocalRules? LocalRules => _localFrom is null && _localTenants.Count == 0 ? null : new LocalRules(_localFrom, _localTenants.ToHashSet(StringComparer.Ordinal));
}
