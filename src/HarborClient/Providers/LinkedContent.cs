using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

/// <summary>Images as services answer them: an address, a data URI, or bare base64.</summary>
internal static class LinkedContent
{
    /// <summary>Makes content of an image.</summary>
    /// <param name="image">What the service sent.</param>
    /// <param name="endpoint">Against which a relative address is resolved.</param>
    /// <exception cref="JsonException">It is neither an address nor data.</exception>
    internal static AIContent ImageOf(string image, Uri endpoint)
    {
        if (image.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) return DataOf(image);
        if (AddressOf(image, endpoint) is { } address) return new UriContent(address, MediaTypeOf(address));
        byte[] bytes = new byte[(image.Length / 4 * 3) + 3];
        if (image.Length == 0 || !Convert.TryFromBase64String(image, bytes, out int written)) throw new JsonException("an image in it is neither an address nor base64");
        return new DataContent(bytes.AsMemory(0, written), MediaTypeOf(bytes.AsSpan(0, written)));
    }

    /// <summary>An http address, absolute or from the host's root on; null for anything else.</summary>
    internal static Uri? AddressOf(string link, Uri endpoint)
    {
        // JPEGs in base64 begin with a slash too, always with this one, and are longer than any address.
        const int MaxRelative = 2000;
        bool isRelative = link.Length is > 1 and < MaxRelative && link[0] == '/' && link[1] != '/' && !link.StartsWith("/9j/", StringComparison.Ordinal) && !link.Contains('\\', StringComparison.Ordinal);
        if (!Uri.TryCreate(link, isRelative ? UriKind.Relative : UriKind.Absolute, out Uri? address)) return null;
        if (isRelative) return new Uri(endpoint, address);
        return address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps ? address : null;
    }

    private static DataContent DataOf(string uri)
    {
        try
        {
            return new DataContent(uri);
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException or FormatException)
        {
            throw new JsonException("an image in it is a malformed data URI", e);
        }
    }

    private static string MediaTypeOf(Uri address) => Path.GetExtension(address.AbsolutePath).ToLowerInvariant() switch
    {
        ".jpg" or ".jpeg" => "image/jpeg",
        ".webp" => "image/webp",
        ".gif" => "image/gif",
        _ => "image/png",
    };

    private static string MediaTypeOf(ReadOnlySpan<byte> data) =>
        data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? "image/jpeg"
        : data.StartsWith("RIFF"u8) ? "image/webp"
        : data.StartsWith("GIF8"u8) ? "image/gif"
        : "image/png";
}
