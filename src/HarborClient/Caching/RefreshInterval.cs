using System.Globalization;
using HarborClient.Errors;

namespace HarborClient.Caching;

/// <summary>How often something is made anew.</summary>
internal static class RefreshInterval
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    internal static TimeSpan Parse(string every)
    {
        ArgumentNullException.ThrowIfNull(every);
        TimeSpan unit = every.Length == 0 ? default : every[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => default,
        };
        if (unit == default || !int.TryParse(every.AsSpan(0, every.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count > Longest / unit)
            throw Wrong($"'{ErrorFactory.Quote(every, 50)}'");
        return Checked(count * unit);
    }

    internal static void Check(TimeSpan every) => Checked(every);

    private static TimeSpan Checked(TimeSpan every) => every >= Shortest && every <= Longest ? every : throw Wrong($"{every}");

    private static HarborException Wrong(string was) => ErrorFactory.Setting(
        ErrorKind.InvalidRequest, $"The interval of a scheduled refresh must be 1 s to 30 days; as a text, a whole number and s, m, h or d, as in '30s', '5m', '1h', '1d' (was {was}).");
}
