using System.Text;
using HarborClient.Errors;

namespace HarborClient.Providers;

/// <summary>Puts names that callers and hosts give into addresses, so that they can lead nowhere else.</summary>
internal static class ServicePath
{
    /// <summary>Longer paths are nobody's; servers refuse them from 2,000 to 8,000 characters on.</summary>
    private const int MaxCharacters = 2000;

    /// <summary>A path below an API root: every segment is escaped, so that it holds no query, no other host and no way up.</summary>
    internal static Uri Below(Uri endpoint, string path)
    {
        if (path.Length > MaxCharacters) throw Refused(path, $"it is longer than {MaxCharacters:N0} characters");
        var escaped = new StringBuilder(path.Length);
        foreach (string segment in path.Split('/'))
        {
            if (escaped.Length > 0) escaped.Append('/');
            if (segment is "" or "." or "..") throw Refused(path, "it has an empty segment, '.' or '..'");
            escaped.Append(Uri.EscapeDataString(segment));
        }

        return new Uri(endpoint, escaped.ToString());
    }

    /// <summary>Whether a job's id can be a segment of an address, and be shown in messages.</summary>
    internal static bool IsId(string? id) => id is { Length: > 0 and <= 500 } and not "." and not ".." && !id.Any(char.IsControl);

    private static HarborException Refused(string path, string why) =>
        ErrorFactory.Setting(ErrorKind.InvalidRequest, $"'{ErrorFactory.Quote(path, 200)}' is no path of a service: {why}. Nothing was sent.");
}
