namespace HarborClient.Errors;

/// <summary>Bounds of settings, with the setting's name in the message. Configuration errors unless the caller says otherwise.</summary>
internal static class SettingCheck
{
    internal static readonly TimeSpan OneHour = TimeSpan.FromHours(1);
    internal static readonly TimeSpan OneDay = TimeSpan.FromHours(24);
    private static readonly TimeSpan ShortestClock = TimeSpan.FromMilliseconds(100);

    internal static void Clock(TimeSpan? value, string setting, TimeSpan longest, ErrorKind kind = ErrorKind.Configuration)
    {
        if (value is not { } clock || clock == Timeout.InfiniteTimeSpan || (clock >= ShortestClock && clock <= longest)) return;
        throw ErrorFactory.Setting(kind, $"{setting} must be 100 ms to {longest}, or Timeout.InfiniteTimeSpan (was {clock}).");
    }

    /// <param name="value">What it is set to.</param>
    /// <param name="least">The lowest that it may be.</param>
    /// <param name="most">The highest.</param>
    /// <param name="setting">Its name.</param>
    /// <param name="leastIs">The setting beside it that says the lowest, where one does: it may be the one to change.</param>
    /// <param name="mostIs">The one that says the highest.</param>
    internal static void Range(long value, long least, long most, string setting, string? leastIs = null, string? mostIs = null)
    {
        if (value >= least && value <= most) return;
        throw OutOfRange(setting, FormattableString.Invariant($"{least:N0}"), leastIs, FormattableString.Invariant($"{most:N0}"), mostIs, FormattableString.Invariant($"{value:N0}"));
    }

    /// <inheritdoc cref="Range(long, long, long, string, string, string)"/>
    internal static void Range(TimeSpan value, TimeSpan least, TimeSpan most, string setting, string? leastIs = null)
    {
        if (value >= least && value <= most) return;
        throw OutOfRange(setting, $"{least}", leastIs, $"{most}", null, $"{value}");
    }

    internal static void Share(double value, double least, double most, string setting)
    {
        if (value >= least && value <= most) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, FormattableString.Invariant($"{setting} must be {least} to {most} (was {value})."));
    }

    internal static void Defined<TEnum>(TEnum? value, string setting, ErrorKind kind = ErrorKind.Configuration) where TEnum : struct, Enum
    {
        if (value is not { } given || Enum.IsDefined(given)) return;
        throw ErrorFactory.Setting(kind, $"{setting} must be one of {string.Join(", ", Enum.GetNames<TEnum>())} (was {given}).");
    }

    private static HarborException OutOfRange(string setting, string least, string? leastIs, string most, string? mostIs, string value) =>
        ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} must be {least}{In(leastIs)} to {most}{In(mostIs)} (was {value}).");

    private static string In(string? setting) => setting is null ? "" : $" ({setting})";
}
