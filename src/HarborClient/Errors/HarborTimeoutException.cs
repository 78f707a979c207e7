namespace HarborClient;

/// <summary>One of the client's own clocks ran out.</summary>
public class HarborTimeoutException : HarborException
{
    /// <summary>Creates the error.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="message">What was waited for, and the setting that changes it.</param>
    /// <param name="innerException">The cause.</param>
    public HarborTimeoutException(HarborClock clock, string message, Exception? innerException = null)
        : base(ErrorKind.Timeout, message, innerException)
    {
        Clock = clock;
        IsTransient = clock != HarborClock.Total;
    }

    /// <summary>The clock that ran out.</summary>
    public HarborClock Clock { get; }

    private protected override HarborException New() => new HarborTimeoutException(Clock, Message, InnerException) { StatusCode = StatusCode, RetryAfter = RetryAfter };
}
