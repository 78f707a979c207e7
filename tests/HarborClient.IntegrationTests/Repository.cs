using System.Reflection;

namespace HarborClient.IntegrationTests;

/// <summary>Where the repository is, as the build has written it into this assembly.</summary>
internal static class Repository
{
    internal static string Root { get; } = Metadata("RepositoryRoot");

    internal static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The built assembly of a sample, in the configuration of these tests.</summary>
    internal static string Sample(string name) => PathOf("samples", name, "bin", Metadata("Configuration"), "net10.0", $"{name}.dll");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
