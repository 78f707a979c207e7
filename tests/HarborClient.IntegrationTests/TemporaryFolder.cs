using HarborClient.Tests;

namespace HarborClient.IntegrationTests;

/// <summary>A folder of its own, deleted in the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("harbor-").FullName;

    public void Dispose()
    {
        KeyWatch.ReadFiles(Path);
        Directory.Delete(Path, recursive: true);
    }

    internal string File(string name) => System.IO.Path.Combine(Path, name);
}
