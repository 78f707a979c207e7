using HarborClient.Testing;
using HarborClient.Tests.Architecture;

namespace HarborClient.Tests.Fixtures;

// Other people's recordings, beside the repository: ../shared/fixtures. They are not part of it, so they may be missing.
internal static class RecordedTraffic
{
    public const string Missing = "There is no folder ../shared/fixtures beside the repository: nothing recorded to test with.";

    // Null where it is missing.
    public static string? Folder { get; } = Path.Combine(Repository.Root, "..", "shared", "fixtures") is var folder && Directory.Exists(folder) ? folder : null;

    public static IReadOnlyList<RecordedExchange> All() => Folder is null ? [] : RecordedExchange.LoadAll(Folder);

    public static IReadOnlyList<RecordedExchange> Of(string provider) => Folder is null ? [] : RecordedExchange.LoadAll(Folder, provider);

    public static RecordedExchange Load(string name) => RecordedExchange.Load(Path.Combine(Folder!, name));
}
