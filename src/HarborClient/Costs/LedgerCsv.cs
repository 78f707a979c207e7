using System.Buffers;
using System.Globalization;

namespace HarborClient.Costs;

/// <summary>Entries of a ledger as lines of CSV.</summary>
internal static class LedgerCsv
{
    internal const string Head =
        "at,provider,model,alias,endpoint,tenant,user,tags,attempts,calls,input,cached_input,cache_write,cache_write_1h,audio_input,image_input,output,reasoning,audio_output,searches,"
        + "cost_usd,estimated_usd,unpriced,price_version";

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    internal static string Line(in LedgerEntry entry)
    {
        BilledTokens tokens = entry.Tokens;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ},{Field(entry.Provider)},{Field(entry.Model)},{Field(entry.Alias)},{Field(entry.Endpoint)},{Field(entry.Tenant)},{Field(entry.User)},{Field(entry.Tags)},"
            + $"{entry.Attempts},{entry.Calls},{tokens.PlainInput},{tokens.CachedInput},{tokens.CacheWrite},{tokens.CacheWriteOneHour},{tokens.AudioInput},{tokens.ImageInput},{tokens.PlainOutput},{tokens.Reasoning},"
            + $"{tokens.AudioOutput},{tokens.Searches},{CostOf(entry)},{entry.Estimated.Usd:0.#########},{entry.Unpriced},{Field(entry.PriceVersion)}");
    }

    /// <summary>Empty where nothing of it has a price: what is not known is not zero.</summary>
    private static string CostOf(in LedgerEntry entry) =>
        entry.Unpriced > 0 && entry.Unpriced == entry.Attempts ? "" : entry.Cost.Usd.ToString("0.#########", CultureInfo.InvariantCulture);

    /// <summary>A text that a spreadsheet would take for a formula gets an apostrophe: names of tenants and users may come from outside.</summary>
    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠') text = "'" + text;
        return text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
