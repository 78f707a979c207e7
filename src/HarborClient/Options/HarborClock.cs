namespace HarborClient;

/// <summary>The four clocks of a call; <see cref="HarborTimeoutException.Clock"/> says which one ran out.</summary>
public enum HarborClock
{
    /// <summary>Establishing a connection. Setting: <c>Transport.ConnectTimeout</c> of the provider's options.</summary>
    Connect,

    /// <summary>From sending the request to the first text, reasoning, refusal or tool-call fragment of a streamed attempt. Setting: <see cref="ClockOptions.FirstUpdateTimeout"/>.</summary>
    FirstUpdate,

    /// <summary>Between two events of a stream, while a read is pending. Setting: <see cref="ClockOptions.IdleTimeout"/>.</summary>
    Idle,

    /// <summary>The whole call, all attempts and waits included. Setting: <see cref="ClockOptions.TotalTimeout"/>.</summary>
    Total,
}
