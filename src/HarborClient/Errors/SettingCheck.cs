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

    internal static void Range(long value, long least, long most, string setting)
    {
        if (value >= least && value <= most) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} must be {least:N0} to {most:N0} (was {value:N0}).");
    }

    internal static void Range(TimeSpan value, TimeSpan least, TimeSpan most, string setting)
    {
        if (value >= least && value <= most) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} must be {least} to {most} (was {value}).");
    }

    internal static void Defined<TEnum>(TEnum? value, string setting, ErrorKind kind = ErrorKind.Configuration) where TEnum : struct, Enum
    {
        if (value is not { } given || Enum.IsDefined(given)) return;
        throw ErrorFactory.Setting(kind, $"{setting} must be one of {string.Join(", ", Enum.GetNames<TEnum>())} (was {given}).");
    }
}
