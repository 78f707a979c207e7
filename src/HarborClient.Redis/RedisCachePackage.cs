namespace HarborClient.Redis;

/// <summary>Holds the place of the package: its name and its dependencies are settled, and the shared cache level, invalidation between processes, and shared limits and budgets come here.</summary>
/// <remarks>Internal on purpose: there is nothing to call yet.</remarks>
internal static class RedisCachePackage;
