namespace HarborClient.Sqlite;

/// <summary>Holds the place of the package: its name and its dependencies are settled, and the durable cache level and the spend ledger come here.</summary>
/// <remarks>Internal on purpose: there is nothing to call yet.</remarks>
internal static class SqliteCachePackage;
