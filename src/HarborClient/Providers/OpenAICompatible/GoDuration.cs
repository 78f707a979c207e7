using System.Buffers;
using System.Globalization;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>Durations as Go writes them and OpenAI sends them: "6m0s", "1m2.5s", "12ms"; Azure's plain seconds too.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>The duration; null for what is none.</summary>
    internal static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double plain)) return RetryHints.Span(plain);
        ReadOnlySpan<char> rest = text;
        double seconds = 0;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
            rest = rest[digits..];
            int letters = rest.IndexOfAny(NumberCharacters);
            ReadOnlySpan<char> unit = letters < 0 ? rest : rest[..letters];
            double factor = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "µs" or "us" => 1e-6, "ns" => 1e-9, _ => double.NaN };
            if (double.IsNaN(factor)) return null;
            seconds += number * factor;
            rest = rest[unit.Length..];
        }

        return RetryHints.Span(seconds);
    }
}
