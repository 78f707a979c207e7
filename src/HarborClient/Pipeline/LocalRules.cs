namespace HarborClient.Pipeline;

/// <summary>Which calls must not leave one's own hosts. Immutable.</summary>
/// <param name="From">The least sensitive class of data that stays; null for none.</param>
/// <param name="Tenants">Tenants whose calls stay.</param>
internal sealed record LocalRules(DataClass? From, IReadOnlySet<string> Tenants)
{
    internal bool Keep(string? tenant, DataClass? data) => (From is { } from && data >= from) || (tenant is not null && Tenants.Contains(tenant));
}
