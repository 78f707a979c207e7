using System.Collections.Frozen;
using System.Globalization;

namespace HarborClient.Routing;

/// <summary>How long a prompt may be, for models whose makers publish it. Asked only when a prompt was too long, so read then.</summary>
internal static class ContextWindows
{
    private const string Resource = "HarborClient.Routing.context-windows.txt";

    private static readonly Lazy<FrozenDictionary<string, int>> Known = new(Read);

    /// <summary>The most tokens a prompt to this model may have; null when nobody said so.</summary>
    internal static int? Of(string model) => Known.Value.TryGetValue(model, out int tokens) ? tokens : null;

    private static FrozenDictionary<string, int> Read()
    {
        using Stream stream = typeof(ContextWindows).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        using var reader = new StreamReader(stream);
        var windows = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            windows.Add(line[..space], int.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture));
        }

        return windows.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
