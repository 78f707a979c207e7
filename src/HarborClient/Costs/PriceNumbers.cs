using System.Globalization;
using System.Text.Json;

namespace HarborClient.Costs;

/// <summary>Numbers and dates of a price file. What is malformed is an error: a wrong price is worse than none.</summary>
internal static class PriceNumbers
{
    /// <summary>The value of the member at whose name the reader stands; null stays null.</summary>
    /// <exception cref="JsonException">It is no number from 0 to the most that is believed.</exception>
    internal static decimal? Read(ref Utf8JsonReader json, decimal most)
    {
        string name = json.GetString()!;
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType == JsonTokenType.Number && json.TryGetDecimal(out decimal value) && value >= 0 && value <= most) return value;
        throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a number from 0 to {most:N0}, or null."));
    }

    /// <summary>The value of a member in USD, as nano-USD.</summary>
    internal static long? ReadNano(ref Utf8JsonReader json) => Read(ref json, RateDraft.MostUsdPerMillion) is { } usd ? Money.FromUsd(usd).NanoUsd : null;

    /// <summary>A moment: a date (its beginning in UTC), or a date and a time with its offset, in which 24:00 is the end of the day.</summary>
    /// <param name="json">At the member's name.</param>
    /// <param name="isEnd">Whether a date without a time means the end of its day.</param>
    internal static DateTimeOffset ReadMoment(ref Utf8JsonReader json, bool isEnd)
    {
        string name = json.GetString()!;
        json.Read();
        string text = json.TokenType == JsonTokenType.String ? json.GetString()! : "";
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
            return isEnd && day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : new DateTimeOffset(day.AddDays(isEnd ? 1 : 0).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        bool isMidnight = text.Contains("T24:00", StringComparison.Ordinal);
        string[] formats = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];
        if (DateTimeOffset.TryParseExact(text.Replace("T24:00", "T00:00", StringComparison.Ordinal), formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment))
            return !isMidnight ? moment : moment.UtcDateTime.Date < DateTime.MaxValue.Date.AddDays(-1) ? moment.AddDays(1) : DateTimeOffset.MaxValue;
        throw new JsonException($"'{name}' must be a date such as 2026-09-01, or a time with its offset such as 2026-09-10T00:00+08:00.");
    }
}
