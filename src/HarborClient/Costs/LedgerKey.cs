namespace HarborClient.Costs;

/// <summary>What the lines of the ledger in memory are told apart by.</summary>
internal readonly record struct LedgerKey(long Hour, string Provider, string Model, string Alias, string Endpoint, string? Tenant, string? User, string? Tags)
{
    // Hot path: hashing a text takes as long as everything else here. Of models and aliases there are few beside each other, so that their lengths do.
    public override int GetHashCode() => HashCode.Combine(Hour, Model.Length, Alias.Length, Tenant?.GetHashCode(StringComparison.Ordinal), User?.GetHashCode(StringComparison.Ordinal), Tags?.GetHashCode(StringComparison.Ordinal));
}
