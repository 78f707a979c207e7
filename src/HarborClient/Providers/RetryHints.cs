using System.Globalization;
using System.Net.Http.Headers;

namespace HarborClient.Providers;

/// <summary>What the headers of an error say about trying again.</summary>
/// <param name="RetryAfter">How long to wait.</param>
/// <param name="ShouldRetry">The provider's own verdict (<c>x-should-retry</c>), which outweighs ours.</param>
internal readonly record struct RetryHints(TimeSpan? RetryAfter, bool? ShouldRetry)
{
    /// <summary>A wait that no caller would sit out is still shown, up to here.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    /// <summary>Order: <c>retry-after-ms</c>, then <c>retry-after</c> in seconds or as a date.</summary>
    internal static RetryHints Read(HttpResponseHeaders headers, TimeProvider time)
    {
        bool? shouldRetry = First(headers, "x-should-retry") switch { "true" => true, "false" => false, _ => null };
        if (Number(First(headers, "retry-after-ms")) is { } milliseconds) return new(Span(milliseconds / 1000), shouldRetry);
        string? value = First(headers, "Retry-After");
        if (Number(value) is { } seconds) return new(Span(seconds), shouldRetry);
        if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
            return new(Span((date - time.GetUtcNow()).TotalSeconds), shouldRetry);
        return new(null, shouldRetry);
    }

    internal static TimeSpan Span(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds));

    internal static string? First(HttpResponseHeaders headers, string name)
    {
        if (!headers.NonValidated.TryGetValues(name, out HeaderStringValues values)) return null;
        foreach (string value in values) return value.Trim();
        return null;
    }

    /// <summary>A whole number; null for what is none.</summary>
    internal static long? Count(HttpResponseHeaders headers, string name) =>
        long.TryParse(First(headers, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
