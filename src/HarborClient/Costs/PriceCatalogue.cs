using System.Buffers;

namespace HarborClient.Costs;

/// <summary>
/// The prices that the package holds: <c>prices.json</c>, made of several public lists (its head names them). One row is read when a model is first used:
/// no client pays for reading them all.
/// </summary>
internal static class PriceCatalogue
{
    /// <summary>The day of the list; a test holds it to the file's own.</summary>
    internal const string Version = "2026-11-20";

    private const string Resource = "HarborClient.Costs.prices.json";

    internal static PriceRow? Find(string provider, string model) => Read(utf8 => PriceFile.Find(utf8, provider, model));

    internal static List<PriceRow> ReadAll() => Read(PriceFile.ReadAll);

    /// <summary>The name under which the catalogue lists a provider's models; null for hosts whose prices it cannot know.</summary>
    /// <param name="system">The provider's <c>gen_ai.provider.name</c>.</param>
    /// <param name="isLocal">Whether it is registered as a host of one's own, whatever its name.</param>
    /// <param name="host">Where it is.</param>
    internal static string? NameOf(string system, bool isLocal, string host)
    {
        if (host.Equals("openrouter.ai", StringComparison.OrdinalIgnoreCase)) return "openrouter";
        if (isLocal) return null;
        return system switch
        {
            "openai" => "openai",
            "anthropic" => "anthropic",
            "gcp.gemini" => "gemini",
            "zhipu" => host.EndsWith("z.ai", StringComparison.OrdinalIgnoreCase) ? "zai" : "zhipuai",
            _ => null,
        };
    }

    private static T Read<T>(Reading<T> reading)
    {
        using Stream stream = typeof(PriceCatalogue).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        int length = (int)stream.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            stream.ReadExactly(buffer, 0, length);
            return reading(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate T Reading<out T>(ReadOnlySpan<byte> utf8);
}
