using HarborClient.IntegrationTests.Programs;

namespace HarborClient.IntegrationTests.Packaging;

/// <summary>All packages of the repository, packed once into a folder of its own as <c>dotnet pack</c> packs them for a release.</summary>
public sealed class PackageFolder : IAsyncLifetime, IDisposable
{
    internal static readonly string[] Ids = ["HarborClient", "HarborClient.Redis", "HarborClient.Sqlite", "HarborClient.Testing"];

    private readonly TemporaryFolder _folder = new();

    internal string Path => _folder.File("packages");

    internal string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        // At the root, as a release is packed. Outputs go to the temporary folder too, so that packing leaves the tree as it was built.
        ProgramRun pack = await ProgramRun.DotnetAsync(
            Repository.Root, null, "pack", "--artifacts-path", _folder.File("artifacts"), "--output", Path, "-nodeReuse:false", "-p:UseSharedCompilation=false");
        if (pack.ExitCode != 0) throw new InvalidOperationException($"dotnet pack failed:\n{pack.Output}");

        string package = Directory.GetFiles(Path, "HarborClient.Testing.*.nupkg").Single();
        Version = System.IO.Path.GetFileNameWithoutExtension(package)["HarborClient.Testing.".Length..];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    internal Package Open(string id) => new(System.IO.Path.Combine(Path, $"{id}.{Version}.nupkg"));
}
