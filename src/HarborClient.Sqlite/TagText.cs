using System.Text.Json;
using System.Text.Json.Serialization;

namespace HarborClient.Sqlite;

/// <summary>An entry's tags as they stand in its row, so that one statement reads all of it.</summary>
internal static partial class TagText
{
    internal static string? Of(IReadOnlyList<string> tags) => tags.Count == 0 ? null : JsonSerializer.Serialize(tags, TagJson.Default.IReadOnlyListString);

    internal static IReadOnlyList<string> Read(string? text) => text is null ? [] : JsonSerializer.Deserialize(text, TagJson.Default.IReadOnlyListString) ?? [];

    [JsonSerializable(typeof(IReadOnlyList<string>))]
    private sealed partial class TagJson : JsonSerializerContext;
}
