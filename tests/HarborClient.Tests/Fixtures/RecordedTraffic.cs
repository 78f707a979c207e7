using HarborClient.Testing;

namespace HarborClient.Tests.Fixtures;

// Other people's recordings, beside the repository: ../shared/fixtures. They are not part of it, so they may be missing.
internal static class RecordedTraffic
{
    public static string? Folder { get; } = Find();

    public static IReadOnlyList<RecordedExchange> Of(string provider) => Folder is null ? [] : RecordedExchange.LoadAll(Folder, provider);

    public static RecordedExchange Load(string name) => RecordedExchange.Load(Path.Combine(Folder!, name));

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) continue;
            var fixtures = Path.Combine(folder.Parent?.FullName ?? "", "shared", "fixtures");
            return Directory.Exists(fixtures) ? fixtures : null;
        }

        return null;
    }
}
