namespace HarborClient.Costs;

/// <summary>Who asks whom: what decides which budgets a call is in.</summary>
internal readonly record struct BudgetSubject(string? Tenant, string? User, IReadOnlyDictionary<string, string>? Tags, string Provider, string Model);
