namespace HarborClient;

/// <summary>How a long job is watched. Copied when the job is started.</summary>
public sealed class JobOptions
{
    /// <summary>Longest time a <see cref="HarborJob{TResult}.WaitAsync"/> waits for the result.</summary>
    /// <value>Default 30 min; 100 ms to 24 h, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</value>
    /// <remarks>When it runs out the job goes on at its provider: the error carries its id.</remarks>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The pause after the first look; each further one is half as long again.</summary>
    /// <value>Default 2 s; 100 ms to 1 h.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause between two looks.</summary>
    /// <value>Default 10 s; 100 ms to 1 h.</value>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much a file of the result may have when it is downloaded.</summary>
    /// <value>Default 1 GiB; 1 KiB to 1 TiB.</value>
    public long MaxDownloadBytes { get; set; } = 1L << 30;

    /// <summary>Settings of each request that the job makes: mode, tenant, tags, permitted targets.</summary>
    /// <value>Default <see langword="null"/>: the client's. Its TotalTimeout bounds one request, and at most 1 min for a look.</value>
    public HarborChatOptions? Requests { get; set; }

    internal JobOptions Validated()
    {
        Errors.SettingCheck.Clock(Timeout, "JobOptions.Timeout", Errors.SettingCheck.OneDay, ErrorKind.InvalidRequest);
        CheckPause(PollInterval, nameof(PollInterval));
        CheckPause(MaxPollInterval, nameof(MaxPollInterval));
        if (MaxDownloadBytes is < 1 << 10 or > 1L << 40)
            throw Errors.ErrorFactory.Setting(ErrorKind.InvalidRequest, $"JobOptions.MaxDownloadBytes must be 1 KiB to 1 TiB (was {MaxDownloadBytes:N0}).");
        return new JobOptions
        {
            Timeout = Timeout,
            PollInterval = PollInterval,
            MaxPollInterval = MaxPollInterval,
            MaxDownloadBytes = MaxDownloadBytes,
            Requests = Requests?.Clone() as HarborChatOptions,
        };
    }

    private static void CheckPause(TimeSpan pause, string setting)
    {
        if (pause == System.Threading.Timeout.InfiniteTimeSpan) throw Errors.ErrorFactory.Setting(ErrorKind.InvalidRequest, $"JobOptions.{setting} must not be infinite.");
        Errors.SettingCheck.Clock(pause, $"JobOptions.{setting}", Errors.SettingCheck.OneHour, ErrorKind.InvalidRequest);
    }
}
