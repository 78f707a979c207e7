namespace HarborClient.Costs;

/// <summary>What the lines of the ledger in memory are told apart by.</summary>
internal readonly record struct LedgerKey(long Hour, string Provider, string Model, string Alias, string Endpoint, string? Tenant, string? User, string? Tags)
{
    // Hot path: the texts that hardly ever differ alone are compared but not hashed.
    public override int GetHashCode() => HashCode.Combine(Hour, Model, Alias, Tenant, User, Tags);
}
