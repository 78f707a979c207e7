using System.Reflection;

namespace HarborClient.IntegrationTests;

/// <summary>Where the repository is, as the build has written it into this assembly.</summary>
internal static class Repository
{
    internal static string Root { get; } = Metadata("RepositoryRoot");

    internal static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The built assembly of a sample, in the configuration of these tests.</summary>
    internal static string Sample(string name) => PathOf("samples", name, "bin", Metadata("Configuration"), "net10.0", $"{name}.dll");

    /// <summary>Every README.md of the repository, those that a build copies left out.</summary>
    internal static IEnumerable<string> Readmes() =>
        from file in ((string[])["src", "tests", "samples", "benchmarks"])
            .SelectMany(folder => Directory.EnumerateFiles(PathOf(folder), "README.md", SearchOption.AllDirectories))
            .Prepend(PathOf("README.md"))
        where !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        select file;

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
