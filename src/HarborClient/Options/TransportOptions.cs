using HarborClient.Errors;

namespace HarborClient;

/// <summary>How a provider's connections are made and how much is read from them.</summary>
/// <remarks>Handlers are shared by all clients of the process that use one origin with equal settings. With <see cref="ProviderOptions.UseHandler"/> only the two byte limits apply.</remarks>
public sealed class TransportOptions
{
    /// <summary>Longest time to establish a connection (DNS, TCP and TLS).</summary>
    /// <value>Default 5 s; 100 ms to 1 h, or <see cref="Timeout.InfiniteTimeSpan"/>. Wall clock: it belongs to the socket handler.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Age after which a pooled connection is not used again, so that DNS changes are noticed.</summary>
    /// <value>Default 3 min; 1 s to 24 h.</value>
    public TimeSpan PooledConnectionLifetime { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Time after which an unused connection is closed.</summary>
    /// <value>Default 30 s; 1 s to 24 h.</value>
    public TimeSpan PooledConnectionIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most connections to one origin at a time.</summary>
    /// <value>Default 10,000; 1 to 10,000. Over HTTP/1.1 each call in flight needs one, and calls beyond it wait; HTTP/2 carries many calls on one.</value>
    public int MaxConnectionsPerServer { get; set; } = 10_000;

    /// <summary>Largest single event of a stream.</summary>
    /// <value>Default 16 MiB; 1 KiB to 1 GiB. A larger one ends the call as <see cref="ErrorKind.TooLarge"/>.</value>
    public int MaxEventBytes { get; set; } = 16 << 20;

    /// <summary>Largest answer, counted after decompression.</summary>
    /// <value>Default 64 MiB; 1 KiB to 1 GiB. A larger one ends the call as <see cref="ErrorKind.TooLarge"/>.</value>
    public long MaxAnswerBytes { get; set; } = 64 << 20;

    /// <summary>Whether the W3C <c>traceparent</c> header is sent.</summary>
    /// <value>Default <see langword="null"/>: to hosts of <c>AddLocal</c> only. With <see cref="ProviderOptions.UseHandler"/> the handler decides.</value>
    public bool? PropagateTraceContext { get; set; }

    internal TransportOptions Validated(string section)
    {
        SettingCheck.Clock(ConnectTimeout, $"{section}.Transport.ConnectTimeout", SettingCheck.OneHour);
        SettingCheck.Range((long)PooledConnectionLifetime.TotalSeconds, 1, 86_400, $"{section}.Transport.PooledConnectionLifetime (seconds)");
        SettingCheck.Range((long)PooledConnectionIdleTimeout.TotalSeconds, 1, 86_400, $"{section}.Transport.PooledConnectionIdleTimeout (seconds)");
        SettingCheck.Range(MaxConnectionsPerServer, 1, 10_000, $"{section}.Transport.MaxConnectionsPerServer");
        SettingCheck.Range(MaxEventBytes, 1 << 10, 1 << 30, $"{section}.Transport.MaxEventBytes");
        SettingCheck.Range(MaxAnswerBytes, 1 << 10, 1 << 30, $"{section}.Transport.MaxAnswerBytes");
        return (TransportOptions)MemberwiseClone();
    }
}
